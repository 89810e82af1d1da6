"""Make a Python client from the description of the API and read lists of a running portal with it.

    python tools/api_client.py http://127.0.0.1:8350

``openapi-python-client`` and the client's own needs are installed into a temporary environment, so that they are no dependency. Ends with
an error if the client cannot be made, or reads other numbers than the API says.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from urllib.request import urlopen

GENERATOR = "openapi-python-client>=0.26"
CHECK = """
import json, sys
from made import Client
from made.api.inventory import get_totals
from made.api.runs import get_manifest
client = Client(base_url=sys.argv[1])
rows = get_totals.sync(client=client, scope=["co2"], sort="year", limit=3)
manifest = get_manifest.sync(client=client)
print(json.dumps({"rows": [[r.year, r.value] for r in rows], "run": manifest.run_id}))
"""


def main(server: str) -> None:
    """Make the client, read with it, compare."""
    with tempfile.TemporaryDirectory(prefix="tanlu-client-") as name:
        folder = Path(name)
        (folder / "openapi.json").write_bytes(_get(f"{server}/api/v1/openapi.json"))
        (folder / "config.yaml").write_text("package_name_override: made\n", encoding="utf-8")
        venv.create(folder / "env", with_pip=True)
        python = folder / "env" / "bin" / "python"
        _run(python, "-m", "pip", "install", "--quiet", GENERATOR)
        options = ["--path", "openapi.json", "--meta", "none", "--output-path", "made", "--config", "config.yaml"]
        print(_run(folder / "env" / "bin" / "openapi-python-client", "generate", *options, folder=folder))
        found = json.loads(_run(python, "-c", CHECK, server, folder=folder))
    wanted = json.loads(_get(f"{server}/api/v1/totals?scope=co2&sort=year&limit=3"))
    run = json.loads(_get(f"{server}/api/v1/manifest"))["run_id"]
    if found != {"rows": [[r["year"], r["value"]] for r in wanted], "run": run}:
        sys.exit(f"the client reads other numbers: {found}")
    print(f"the client reads what the API says: {found}")


def _get(address: str) -> bytes:
    with urlopen(address, timeout=60) as answer:
        return bytes(answer.read())


def _run(*words: str | Path, folder: Path | None = None) -> str:
    done = subprocess.run([str(w) for w in words], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return done.stdout


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8350")
