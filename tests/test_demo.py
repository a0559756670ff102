"""The demo, end to end as a person runs it: own processes, a real worker and beat."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from itertools import islice
from pathlib import Path

import psycopg

from jokkerit_plugin.shop.recording import Writer, read
from jokkerit_plugin.shop.snapshots import Kind

ROOT = Path(__file__).parent.parent
RECORDING = ROOT / "demo" / "recording.jsonl.gz"
TIMEOUT = 300


def start(recording: Path = RECORDING, **given: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if k not in ("SALEOR", "KEEP")}
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "dev.demo"],
        cwd=ROOT,
        env={**environment, "RECORDING": str(recording), "SECONDS_A_STEP": "0.01", **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A test run in the background is started with SIGINT ignored, and hands that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )


def short(path: Path) -> Path:
    """The recorded shop as it stood, and one event; the header says of the whole shop."""
    header, lines = read(RECORDING)
    writer = Writer(path)
    for line in lines:
        if line.told and line.kind is not Kind.ORDER:
            continue
        writer.write(line.kind, line.key, line.document, told=line.told)
        if line.told:
            break
    writer.finish(header)
    return path


def beginning(path: Path) -> Path:
    """The first sixty events, in a shop that was empty."""
    header, lines = read(RECORDING)
    writer = Writer(path)
    for line in islice((line for line in lines if line.told), 60):
        writer.write(line.kind, line.key, line.document)
    writer.finish(header)
    return path


def databases() -> list[str]:
    if not (url := os.environ.get("DATABASE_URL", "")):
        return []
    with psycopg.connect(url.replace("postgres://", "postgresql://", 1)) as connection:
        query = "SELECT datname FROM pg_database WHERE datname LIKE 'jokkerit_demo_%'"
        return [name for (name,) in connection.execute(query)]


def test_the_demo_fills_the_register_and_ties_out():
    before = databases()
    process = start()
    said, _ = process.communicate(timeout=TIMEOUT)
    header, lines = read(RECORDING)
    told = sum(line.told for line in lines)
    purchases = sum(row["orders"] for row in header["totals"])
    assert process.returncode == 0, said
    assert f"{told} events noted by hooks and worked on by Celery" in said
    assert f"{header['customers']} customers: " in said
    assert f"{purchases} purchases with " in said
    for row in header["totals"]:
        assert f"{row['gross']} │ " in said
    assert "It ties out with the recorded shop to the cent" in said
    assert "Waiting in the inbox:   0" in said
    assert "What to try next" in said
    assert databases() == before


def test_a_register_that_does_not_tie_out_is_said_plainly(tmp_path: Path):
    header, _ = read(RECORDING)
    process = start(short(tmp_path / "short.jsonl.gz"))
    said, _ = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 1, said
    assert "does NOT tie out" in said
    assert f", shop {header['customers']}" in said


def until(process: subprocess.Popen[str], text: str) -> str:
    """Read what it says up to the line with this text."""
    assert process.stdout
    return next(line for line in process.stdout if text in line)


def stopped(process: subprocess.Popen[str], how: signal.Signals) -> None:
    process.send_signal(how)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Stopped" in said
    assert "Traceback" not in said


def test_stopped_it_leaves_nothing_behind(tmp_path: Path):
    before = databases()
    process = start(beginning(tmp_path / "beginning.jsonl.gz"), SECONDS_A_STEP="0.15")
    until(process, "went shopping")
    time.sleep(1)
    stopped(process, signal.SIGINT)
    assert databases() == before


def ask(url: str, token: str = "", **given: str) -> tuple[int, str]:
    """Send what the console sends: a log-in, or for a page."""
    body = json.dumps({"query": "", "variables": given}).encode() if given else None
    headers = {"HX-Request": "true", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - the demo's own
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_kept_it_shows_its_console_to_those_who_sign_in(tmp_path: Path):
    before = databases()
    process = start(short(tmp_path / "short.jsonl.gz"), KEEP="1")
    console = until(process, "/console/").strip()
    shop = console.partition("plugins/")[0]
    said = until(process, "controller@example.com")
    login = {"e": "controller@example.com", "p": said.split()[2]}
    token = json.loads(ask(f"{shop}graphql/", **login)[1])["data"]["tokenCreate"]["token"]
    status, page = ask(f"{console}customers/", token)
    assert status == 200
    assert 'role="alert"' not in page
    assert "<tbody>" in page
    assert ask(f"{console}customers/", "guessed")[0] == 401
    refused = json.loads(ask(f"{shop}graphql/", **login | {"p": "guessed"})[1])
    assert refused["data"]["tokenCreate"] is None
    stopped(process, signal.SIGTERM)
    assert databases() == before
