"""Both READMEs name every command and every setting."""

import re
from pathlib import Path

import pytest

import config
from marketplace.cli import shuangku

ROOT = Path(config.__file__).parents[1]
VARIABLES = sorted(set(re.findall(r"SHUANGKU_[A-Z_]+", Path(config.__file__).read_text("utf-8"))))
READMES = ("README.md", "README.zh-CN.md")


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("command", sorted(shuangku.commands))
def test_every_command_is_named(readme: str, command: str) -> None:
    table = (ROOT / readme).read_text(encoding="utf-8")
    assert re.search(rf"^\|.*`{command}`", table, re.MULTILINE), command


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("variable", [name for name in VARIABLES if name != "SHUANGKU_"])
def test_every_setting_is_named(readme: str, variable: str) -> None:
    assert f"`{variable}`" in (ROOT / readme).read_text(encoding="utf-8"), variable
