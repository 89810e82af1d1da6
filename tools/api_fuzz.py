"""Ask every operation of a running portal's API with generated values, and end with an error if one of them fails on the server.

    python tools/api_fuzz.py http://127.0.0.1:8350
    TANLU_TOKEN=… python tools/api_fuzz.py http://127.0.0.1:8350 --examples 100

Schemathesis reads the description of the API and is installed into a temporary environment, so that it is no dependency. Operations that
write are asked too: use a copy of a workspace. Streams, which answer for ever, are left out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

FUZZER = "schemathesis>=4.32"
NEVER_ENDING = "stream"


def main() -> None:
    """Install the fuzzer, run it, end as it ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", nargs="?", default="http://127.0.0.1:8350")
    parser.add_argument("--examples", type=int, default=30, help="requests an operation")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tanlu-fuzz-") as name:
        folder = Path(name)
        venv.create(folder / "env", with_pip=True)
        subprocess.run([folder / "env/bin/python", "-m", "pip", "install", "--quiet", FUZZER], check=True)
        done = subprocess.run(
            [
                folder / "env/bin/schemathesis", "run", f"{asked.server}/api/v1/openapi.json",
                "--checks", "not_a_server_error", "--exclude-path-regex", NEVER_ENDING, "--continue-on-failure",
                "--phases", "examples,coverage,fuzzing", "--max-examples", str(asked.examples), "--seed", str(asked.seed),
                "--request-timeout", "120", "--warnings", "off", "--workers", "2", *_as_whom(),
            ],
            cwd=folder, check=False,
        )  # fmt: skip
    sys.exit(done.returncode)


def _as_whom() -> list[str]:
    token = os.environ.get("TANLU_TOKEN")
    return ["--header", f"Authorization: Bearer {token}"] if token else []


if __name__ == "__main__":
    main()
