"""The same verbs from a terminal: analyse, suggest, export, captions, features, learn, doctor."""

from __future__ import annotations

import argparse
import io
import signal
import sys
from collections.abc import Sequence

from core import __version__
from core.cli.analysis import add_analysis_verbs, add_demo_verb
from core.cli.captions import add_captions_verb
from core.cli.console import fail
from core.cli.doctor import add_doctor_verb
from core.cli.export import add_export_verb
from core.cli.features import add_features_verb
from core.cli.hand_off import add_hand_off_verb
from core.cli.learn import add_learn_verb
from core.cli.learning import add_learning_verbs
from core.cli.moments import add_moments_verb
from core.errors import Cancelled, EmotionShortFormError, UsageError

VERBS = (
    "analyze",
    "suggest",
    "export",
    "hand-off",
    "captions",
    "features",
    "moments",
    "learn",
    "corpus",
    "train",
    "evaluate",
    "demo",
    "doctor",
)

_STOPPING = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
_EXIT_DONE, _EXIT_ERROR, _EXIT_USAGE, _EXIT_INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a verb; prints results to standard output and problems to standard error.

    Returns:
        0 if all went well, 1 for a problem with a file or a model, 2 for a wrong request.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    previous = {number: signal.signal(number, _interrupt) for number in _STOPPING}
    # A name that is not UTF-8 must not keep a message from being read.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        result: int | None = options.run(options)
        return _EXIT_DONE if result is None else result
    except UsageError as error:
        return fail(error, _EXIT_USAGE)
    except EmotionShortFormError as error:
        return fail(error, _EXIT_ERROR)
    except (KeyboardInterrupt, Cancelled):
        print("Stopped; what was finished is kept.", file=sys.stderr)  # noqa: T201
        return _EXIT_INTERRUPTED
    except BrokenPipeError:
        return _EXIT_ERROR
    except OSError as error:
        what = error.strerror or str(error)
        return fail(EmotionShortFormError(what, path=error.filename), _EXIT_ERROR)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="emotion-shortform",
        description="Finds the moments of a video that move people, and cuts the short. "
        "Without a verb it opens the window.",
    )
    parser.add_argument("--version", action="version", version=f"emotion-shortform {__version__}")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add_analysis_verbs(verbs)
    add_export_verb(verbs)
    add_hand_off_verb(verbs)
    add_captions_verb(verbs)
    add_features_verb(verbs)
    add_moments_verb(verbs)
    add_learn_verb(verbs)
    add_learning_verbs(verbs)
    add_demo_verb(verbs)
    add_doctor_verb(verbs)
    return parser
