"""The frontend hook of xDSL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from xdsl.xdsl_opt_main import xDSLOptMain

import rlxc

TEXT = """model scaled(cfg) {
  input x ["B", "S", cfg.hidden_size]
  weight "norm.weight" [cfg.hidden_size]
  rms_norm("norm.weight", eps = cfg.eps)
}
"""


class Opt(xDSLOptMain):
    """A tool like `xdsl-opt`, which reads flows."""

    def register_all_frontends(self) -> None:
        super().register_all_frontends()
        self.available_frontends["flow"] = rlxc.flow_frontend("config.json", "scaled.flow")


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flow and its config in the current directory."""
    monkeypatch.chdir(tmp_path)
    Path("scaled.flow").write_text(TEXT)
    Path("config.json").write_text(json.dumps({"hidden_size": 8, "eps": 0.5}))


def test_a_tool_of_xdsl_reads_flows(capsys: pytest.CaptureFixture[str]) -> None:
    Opt(args=["scaled.flow", "-p", "rlx-unfuse"]).run()
    printed = capsys.readouterr().out
    assert "func.func @scaled(%x: tensor<?x?x8xf32>" in printed
    assert "eps = 5.000000e-01" in printed


def test_errors_have_places() -> None:
    Path("scaled.flow").write_text(TEXT.replace("rms_norm(", "rms_nrm("))
    with pytest.raises(rlxc.RlxcError, match="unknown stage 'rms_nrm'") as raised:
        Opt(args=["scaled.flow"]).run()
    assert str(raised.value.location) == "scaled.flow:4:3"
