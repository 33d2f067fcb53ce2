#!/usr/bin/env python3
"""Trains a classifier of handwritten digits, and writes it to the group's volume.

A job's whole life in one file: it reads its data (1,797 images that come with scikit-learn), prints its progress once
an epoch, and leaves a model and its measurements where the group finds them:

    /project/<group>/train-digits-<job>/model.joblib
    /project/<group>/train-digits-<job>/metrics.json

    phjob submit --image base --instance-type cpu-1 -- python3 /opt/phjob/examples/train_digits.py --epochs 60
"""

import argparse
import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import NoReturn


def at_least_one(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, not {value}")
    return value


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Trains a classifier of handwritten digits, and writes it to the group's volume.")
    parser.add_argument("--epochs", type=at_least_one, default=30, metavar="N",
                        help="passes over the training data (default: 30)")
    parser.add_argument("--batch-size", type=at_least_one, default=32, metavar="N",
                        help="images in one step of the training (default: 32)")
    parser.add_argument("--learning-rate", type=float, default=0.001, metavar="R",
                        help="length of a step (default: 0.001)")
    parser.add_argument("--seed", type=int, default=0, metavar="N",
                        help="the same seed gives the same model (default: 0)")
    parser.add_argument("--output", type=Path, metavar="DIRECTORY",
                        help="where model and metrics go (default: /project/<group>/train-digits-<job>)")
    options = parser.parse_args()
    if not options.learning_rate > 0:
        parser.error(f"argument --learning-rate: must be above 0, not {options.learning_rate}")
    if not 0 <= options.seed < 2**32:
        parser.error(f"argument --seed: must be from 0 to 4294967295, not {options.seed}")
    return options


def fail(what: str, hint: str) -> NoReturn:
    print(f"train_digits: error: {what}\n    {hint}", file=sys.stderr)
    sys.exit(1)


def output_directory(chosen: "Path | None") -> Path:
    """The directory that takes the results, made and found writable before any time is spent on training."""
    if chosen is None:
        group = os.environ.get("PRIMEHUB_GROUP")
        if not group:
            fail("PRIMEHUB_GROUP is not set, so this is no job of phjob's",
                 "name a directory: --output DIRECTORY")
        volume = Path("/project") / group
        if not volume.is_dir():
            fail(f"the volume of the group '{group}' is not here: {volume} does not exist",
                 "give the group a volume in the catalogue, or name a directory: --output DIRECTORY")
        # One directory a job, straight in the volume: one that all jobs share would belong to whoever came first.
        chosen = volume / "-".join(["train-digits", *filter(None, [os.environ.get("PHJOB_ID")])])
    try:
        chosen.mkdir(parents=True, exist_ok=True)
        probe = chosen / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        fail(f"cannot write to {chosen}: {error.strerror}",
             f"the job runs as uid {os.getuid()}, gid {os.getgid()}: does the directory belong to somebody else?")
    return chosen


def write_whole(path: Path, write) -> None:
    """Writes a file so that whoever reads it under its name finds it whole."""
    partial = path.with_name(f".{path.name}.partial")
    write(partial)
    os.replace(partial, path)


def main() -> int:
    options = arguments()
    output = output_directory(options.output)

    # After the checks: these imports take a second, and an error should not.
    try:
        import joblib
        import numpy
        import sklearn
        from sklearn.datasets import load_digits
        from sklearn.metrics import log_loss
        from sklearn.model_selection import train_test_split
        from sklearn.neural_network import MLPClassifier
    except ImportError as error:
        fail(f"this image lacks a library: {error}", "use the image 'base', or one that has scikit-learn")

    warnings.filterwarnings("ignore", category=sklearn.exceptions.ConvergenceWarning)
    images, digits = load_digits(return_X_y=True)
    images = images / 16.0
    # Three parts that share no image: the training learns from the first, the lines below show the second, and the
    # third is looked at once, at the end. Only that one says how good the model is on images it has never seen.
    rest, test_images, rest_digits, test_digits = train_test_split(
        images, digits, test_size=0.2, stratify=digits, random_state=options.seed)
    train_images, check_images, train_digits, check_digits = train_test_split(
        rest, rest_digits, test_size=0.2, stratify=rest_digits, random_state=options.seed)
    print(f"digits: {len(train_digits)} images to train on, {len(check_digits)} to check, {len(test_digits)} to test; "
          f"scikit-learn {sklearn.__version__}, seed {options.seed}")

    classes = numpy.unique(digits)
    model = MLPClassifier(hidden_layer_sizes=(64,), learning_rate_init=options.learning_rate,
                          batch_size=min(options.batch_size, len(train_digits)), random_state=options.seed)
    started = time.monotonic()
    history = []
    for epoch in range(1, options.epochs + 1):
        model.partial_fit(train_images, train_digits, classes=classes)
        check_loss = log_loss(check_digits, model.predict_proba(check_images), labels=classes)
        row = {"epoch": epoch, "loss": float(model.loss_), "validationLoss": float(check_loss),
               "validationAccuracy": float(model.score(check_images, check_digits))}
        history.append(row)
        print(f"epoch {epoch:{len(str(options.epochs))}}/{options.epochs}  loss {row['loss']:.4f}  "
              f"validation loss {row['validationLoss']:.4f}  validation accuracy {row['validationAccuracy']:.4f}",
              flush=True)
    seconds = time.monotonic() - started
    test_accuracy = float(model.score(test_images, test_digits))
    print(f"trained in {seconds:.1f} s; accuracy on {len(test_digits)} images never seen before: {test_accuracy:.4f}")

    metrics = {"job": os.environ.get("PHJOB_ID"), "group": os.environ.get("PRIMEHUB_GROUP"), "seed": options.seed,
               "epochs": options.epochs, "batchSize": options.batch_size, "learningRate": options.learning_rate,
               "testAccuracy": test_accuracy, "seconds": round(seconds, 3), "history": history}
    try:
        write_whole(output / "model.joblib", lambda path: joblib.dump(model, path))
        write_whole(output / "metrics.json", lambda path: path.write_text(json.dumps(metrics, indent=2) + "\n"))
    except OSError as error:
        fail(f"cannot write the results to {output}: {error.strerror}", "is the volume full?")
    print(f"wrote {output / 'model.joblib'}\nwrote {output / 'metrics.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
