"""Distillation as a model of one's own: a small network learns from a large one's answers, both trained at once."""

import keras
from keras import layers, ops

import trainctl


@trainctl.model
class Distiller(keras.Model):
    """A student that learns from the labels and from a teacher, which learns from the labels alone.

    What it gives, and what metrics measure, is the student's answer.

    Args:
        classes: How many classes there are.
        teacher_units: Units of the teacher's hidden layers.
        student_units: Units of the student's hidden layer.
        alpha: How much the labels count for the student; the teacher's answers count the rest.
        temperature: How much the answers are softened before they are compared.
    """

    def __init__(
        self,
        classes: int,
        teacher_units: int = 128,
        student_units: int = 16,
        alpha: float = 0.3,
        temperature: float = 3.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.classes, self.teacher_units, self.student_units = classes, teacher_units, student_units
        self.alpha, self.temperature = alpha, temperature
        wide = [layers.Dense(teacher_units, activation="relu") for _ in range(2)]
        self.teacher = keras.Sequential([layers.Flatten(), *wide, layers.Dense(classes)])
        self.student = keras.Sequential(
            [layers.Flatten(), layers.Dense(student_units, activation="relu"), layers.Dense(classes)]
        )

    def get_config(self):
        """Return the arguments, so that the model can be loaded from model.keras."""
        return {
            **super().get_config(),
            "classes": self.classes,
            "teacher_units": self.teacher_units,
            "student_units": self.student_units,
            "alpha": self.alpha,
            "temperature": self.temperature,
        }

    def build(self, input_shape):
        """Make the weights of both."""
        self.teacher.build(input_shape)
        self.student.build(input_shape)
        self.built = True

    def call(self, x):
        """Return the student's logits."""
        return self.student(x)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Add the distance between the two answers to the losses on the labels; Keras calls this in each step."""
        from_labels = super().compute_loss(x, y, y_pred, sample_weight, training)
        if not training:
            return from_labels
        answer = self.teacher(x, training=True)
        soft = ops.softmax(ops.stop_gradient(answer) / self.temperature)
        from_teacher = ops.mean(keras.losses.kl_divergence(soft, ops.softmax(y_pred / self.temperature)))
        teachers = ops.mean(keras.losses.sparse_categorical_crossentropy(y, answer, from_logits=True))
        of_student = [self.alpha * from_labels, (1 - self.alpha) * self.temperature**2 * from_teacher]
        return ops.sum(ops.stack([teachers, *of_student]))  # stacked: TensorFlow adds up a chain of + in any order
