#!/usr/bin/env python3
"""Prints who reads the corpus otherwise, as the table of COMPARE.md: table.py [FOLDER]

Installs other libraries below FOLDER, target/corpus if there is none, and runs them. What cannot be
installed or run is missing from the table, and a message says so."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from check import HERE, Reader

READERS = HERE / "readers"
RUST = ["sse-core", "sse-parse", "sse-stream", "sseer", "eventsource-stream", "eventsource-stream2"]
RUST += ["russe", "rama-http-types", "tokio_sse_codec"]

# How many subjects a row names.
MOST = 4


def rust(folder):
    """Those of crates.io: one program for all."""
    manifest = READERS / "rust" / "Cargo.toml"
    build = ["cargo", "build", "--locked", "--manifest-path", manifest, "--target-dir", folder]
    subprocess.run(build, check=True)
    lock = (READERS / "rust" / "Cargo.lock").read_text()
    versions = dict(re.findall(r'name = "(.+)"\nversion = "(.+)"', lock))
    program = folder / "debug" / "corpus-readers"
    for name in ["sse-proto", *RUST]:
        yield f"{name} {versions[name]}", [program, name]


def npm(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_bytes((READERS / "package.json").read_bytes())
    subprocess.run(["npm", "install", "--no-package-lock"], cwd=folder, check=True, stdout=sys.stderr)
    versions = json.loads((READERS / "package.json").read_text())["dependencies"]
    modules = folder / "node_modules"
    name = "eventsource-parser"
    yield f"{name} {versions[name]}", ["node", READERS / "eventsource_parser.mjs", modules]
    for name in ["eventsource", "undici"]:
        yield f"{name} {versions[name]}", ["node", READERS / "event_source.mjs", modules, name]


def pypi(folder):
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    requirements = READERS / "requirements.txt"
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", requirements], check=True)
    version = re.search(r"httpx-sse==(.+)", requirements.read_text()).group(1)
    yield f"httpx-sse {version}", [python, READERS / "httpx_sse_reader.py"]


def browser(_):
    version = subprocess.run(["chromium", "--version"], check=True, capture_output=True, text=True)
    major = re.search(r"\d+", version.stdout).group(0)
    yield f"Chromium {major}", [sys.executable, READERS / "browser.py"]


def row(reader, command):
    otherwise = Reader(command).all_otherwise()
    # "event-stream-interpretation: dispatch, no data" is about dispatch.
    subjects = Counter(re.split(": |, ", clause)[1] for _, clause in otherwise)
    about = ", ".join(f"{subject} {count}" for subject, count in subjects.most_common(MOST))
    about += ", others" if len(subjects) > MOST else ""
    return f"| {reader} | {len(otherwise)} | {about} |"


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "target/corpus").absolute()
    print("| reader | cases read otherwise | their subjects |\n|---|---|---|")
    sources = [("Rust", rust), ("npm", npm), ("PyPI", pypi), ("browser", browser)]
    for language, readers in sources:
        try:
            for reader, command in readers(folder / language):
                print(row(f"{reader} ({language})", command), flush=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"\n*** readers from {language} are MISSING: {error} ***\n", file=sys.stderr)


if __name__ == "__main__":
    main()
