"""Images and masks belong together by their names, in any usual layout of folders; what is alone is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.errors import DataError
from trainctl.sources.files.found import FoundFiles, FoundSplits
from trainctl.sources.files.paired import Pairing
from trainctl.sources.files.walk import FileTest

IS_IMAGE = FileTest("image", frozenset({".jpg", ".png"}), lambda file: False)


def made(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def paired(folder: Path, images: str = "images", masks: str = "masks", *, skip: bool = False) -> FoundSplits:
    return Pairing(str(folder / images), str(folder / masks), "mask", "masks", IS_IMAGE, IS_IMAGE, skip).find()


def names(folder: Path, found: FoundFiles | None) -> list[str]:
    if found is None:
        return []
    both = zip(found.files, found.answers, strict=True)
    return [f"{image.relative_to(folder)} {mask.relative_to(folder)}" for image, mask in both]


@pytest.mark.parametrize(
    ("files", "pair"),
    [
        (["images/1.jpg", "masks/1.png"], "images/1.jpg masks/1.png"),
        (["images/a/1.jpg", "masks/a/1.png"], "images/a/1.jpg masks/a/1.png"),
        (["images/a/1.jpg", "masks/1.png"], "images/a/1.jpg masks/1.png"),
        (["images/1.jpg", "masks/b/1.png"], "images/1.jpg masks/b/1.png"),
        (["images/1.jpg", "masks/1_mask.png"], "images/1.jpg masks/1_mask.png"),
        (["images/1.jpg", "images/11.jpg", "masks/m-1.png", "masks/m-11.png"], "images/1.jpg masks/m-1.png"),
    ],
)
def test_names_and_folders(tmp_path: Path, files: list[str], pair: str) -> None:
    assert names(tmp_path, paired(made(tmp_path, *files)).train)[0] == pair


def test_names_with_something_added_are_told(tmp_path: Path) -> None:
    splits = paired(made(tmp_path, "images/1.jpg", "images/2.jpg", "masks/1_mask.png", "masks/2_mask.png"))
    assert len(splits.train) == 2
    assert "the masks are named *_mask for inputs named *" in splits.notes[0]


@pytest.mark.parametrize(("image", "mask"), [("a{}_sat", "a{}_map"), ("img_{}", "mask-{}"), ("s{}_image", "s{}_seg")])
def test_names_that_differ_at_both_ends(tmp_path: Path, image: str, mask: str) -> None:
    numbers = ("01", "02", "11")
    made(tmp_path, *(f"images/{image.format(each)}.jpg" for each in numbers))
    made(tmp_path, *(f"masks/{mask.format(each)}.png" for each in numbers))
    pairs = names(tmp_path, paired(tmp_path).train)
    assert pairs == [f"images/{image.format(each)}.jpg masks/{mask.format(each)}.png" for each in numbers]


def test_numbers_are_not_cut_in_two(tmp_path: Path) -> None:
    made(tmp_path, "images/a1.jpg", "images/a2.jpg", "masks/b11.png", "masks/b12.png")
    with pytest.raises(DataError, match="no image in"):
        paired(tmp_path)


def test_one_folder_for_both(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is the folder of the images and of the masks"):
        paired(made(tmp_path, "1.jpg", "1_mask.png"), ".", ".")


@pytest.mark.parametrize("validation", ["val", "Valid"])
def test_splits_in_both_folders(tmp_path: Path, validation: str) -> None:
    made(tmp_path, "images/train/1.jpg", "masks/Training/1.png", f"images/{validation}/1.jpg", "masks/val/1.png")
    splits = paired(tmp_path)
    assert names(tmp_path, splits.train) == ["images/train/1.jpg masks/Training/1.png"]
    assert names(tmp_path, splits.validation) == [f"images/{validation}/1.jpg masks/val/1.png"]


def test_splits_of_images_share_a_folder_of_masks(tmp_path: Path) -> None:
    made(tmp_path, "images/train/1.jpg", "images/test/2.jpg", "masks/1.png", "masks/2.png")
    splits = paired(tmp_path)
    assert names(tmp_path, splits.test) == ["images/test/2.jpg masks/2.png"]
    made(tmp_path, "masks/3.png")
    with pytest.raises(DataError, match=r"1 file without its other one: .*3\.png has no image"):
        paired(tmp_path)


def test_a_test_folder_without_masks_is_told(tmp_path: Path) -> None:
    splits = paired(made(tmp_path, "images/train/1.jpg", "images/test/2.jpg", "masks/train/1.png"))
    assert (len(splits.train), splits.test) == (1, None)
    assert "has no masks in" in splits.notes[0]


def test_folders_inside_each_other(tmp_path: Path) -> None:
    made(tmp_path, "1.jpg", "masks/1.png")
    assert names(tmp_path, paired(tmp_path, ".", "masks").train) == ["1.jpg masks/1.png"]


def test_the_same_images_in_another_size(tmp_path: Path) -> None:
    made(tmp_path, "images/1.jpg", "images/2.png")
    folder = str(tmp_path / "images")
    splits = Pairing(folder, folder, "target", "targets", IS_IMAGE, IS_IMAGE, own_folder=False).find()
    assert names(tmp_path, splits.train)[1] == "images/2.png images/2.png"


def test_all_that_is_alone_is_told_or_skipped(tmp_path: Path) -> None:
    made(tmp_path, "images/0.jpg", "masks/0.png", "masks/x.png", *(f"images/{each}.jpg" for each in range(1, 25)))
    with pytest.raises(
        DataError, match=r"25 files without their other one: .*1\.jpg has no mask.*; and 5 more"
    ) as caught:
        paired(tmp_path)
    assert (caught.value.field, "on_error: skip" in str(caught.value.hint)) == ("masks", True)
    splits = paired(tmp_path, skip=True)
    assert len(splits.train) == 1
    assert "25 files without a pair are skipped" in splits.notes[0]


def test_two_masks_for_one_image(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"1\.jpg and .*1\.png differ in their ending only"):
        paired(made(tmp_path, "images/1.jpg", "masks/1.png", "masks/1.jpg"))


def test_no_name_in_common(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no image in .* has a mask of its name") as caught:
        paired(made(tmp_path, "images/cat.jpg", "masks/7.png"))
    assert "files: pairs.csv" in str(caught.value.hint)


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="masks does not exist") as caught:
        paired(made(tmp_path, "images/cat.jpg"))
    assert caught.value.field == "masks"
