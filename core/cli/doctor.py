"""The verb about the installation: doctor."""

from __future__ import annotations

import argparse

from core.cli.console import say, say_json


def add_doctor_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds doctor."""
    doctor = verbs.add_parser("doctor", help="what is installed, what is missing, how to get it")
    doctor.add_argument("--json", action="store_true", help="print machine-readable results")
    doctor.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    from core.doctor import examine

    findings = examine()
    if options.json:
        say_json([finding.__dict__ for finding in findings])
    else:
        for finding in findings:
            mark = "ok     " if finding.good else "MISSING" if finding.needed else "absent "
            say(f"{mark}  {finding.name}: {finding.found}")
            if finding.remedy:
                say(f"         {finding.remedy}")
    return int(any(finding.needed and not finding.good for finding in findings))
