"""What is said where a package of the operating system is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRINT = """
from datetime import UTC, datetime
from marketplace.certificates.pdf import CannotPrint, Document, printed
try:
    printed(Document("a.pdf", "<p>certificate</p>", datetime(2026, 3, 10, tzinfo=UTC)))
except CannotPrint as refusal:
    print(refusal.message)
"""
ONLY_LATIN = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}</dir><cachedir>{cache}</cachedir></fontconfig>"""
LATIN = Path("/usr/share/fonts/truetype/dejavu")


def printing(**environment: str) -> str:
    """What a process of its own says that prints a document."""
    said = subprocess.run(
        [sys.executable, "-c", PRINT],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | environment,
    )
    assert said.returncode == 0, said.stderr
    return said.stdout


def test_without_pango_the_package_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "weasyprint"
    broken.mkdir()
    text = "raise OSError(\"cannot load library 'libpango-1.0-0'\")"
    (broken / "__init__.py").write_text(text, encoding="utf-8")
    said = printing(PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert "缺少系统软件包 libpango-1.0-0" in said and "libpangoft2-1.0-0" in said


@pytest.mark.skipif(not LATIN.is_dir(), reason="needs a font without Chinese")
def test_without_chinese_fonts_the_package_is_named(tmp_path: Path) -> None:
    config = tmp_path / "fonts.conf"
    config.write_text(ONLY_LATIN.format(folder=LATIN, cache=tmp_path / "cache"), encoding="utf-8")
    said = printing(PYTHONPATH=str(ROOT), FONTCONFIG_FILE=str(config))
    assert "缺少系统软件包 fonts-noto-cjk" in said
