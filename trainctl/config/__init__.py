"""The config floor: text to Experiment. Pure: reads the files that the experiment names, and nothing else."""
