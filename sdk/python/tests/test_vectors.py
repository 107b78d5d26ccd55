from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from signatures import Signature, judge, read_signatures
from vectors import FOLDER, Case, cook, decide, outcome_of, read_cases

from oathmesh import REFUSALS
from oathmesh.keys.ed25519 import verify_ed25519
from oathmesh.token.base64url import decode_base64url

CASES = list(read_cases())
SIGNATURES = list(read_signatures())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.name}")
def test_decides_as_the_vector_says(case: Case) -> None:
    decision = decide(case)
    expect = case.expect
    got = outcome_of(decision)
    if isinstance(got, dict) and isinstance(expect, dict) and decision.denial is not None:
        stated = {"reason": decision.denial.audit_reason, "status": decision.denial.status}
        got = {**got, **{name: stated[name] for name in stated if name in expect}}
    assert got == expect


def test_vectors_raise_every_code_of_the_table_and_no_other() -> None:
    raised = {case.expect["code"] for case in CASES if isinstance(case.expect, dict)}
    assert raised == {refusal.code for refusal in REFUSALS.values()}


@pytest.mark.parametrize("one", SIGNATURES, ids=lambda one: f"{one.file}: {one.name}")
def test_judges_a_signature_as_the_vector_says(one: Signature) -> None:
    assert judge(one) == one.result


@pytest.mark.parametrize(
    "row",
    json.loads((FOLDER / "ed25519-rfc8032.json").read_text())["cases"],
    ids=lambda row: row["name"],
)
def test_verifies_the_signatures_of_rfc_8032(row: dict[str, str]) -> None:
    assert set(row) == {"name", "seed", "key", "message", "signature"}
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(row["key"]))
    message, signature = bytes.fromhex(row["message"]), bytes.fromhex(row["signature"])
    assert verify_ed25519(message, signature, public)
    assert not verify_ed25519(message + b"\0", signature, public)


def run_conformance(folder: Path) -> subprocess.CompletedProcess[str]:
    script = Path(__file__).with_name("conformance.py")
    return subprocess.run(
        [sys.executable, str(script), str(folder)], capture_output=True, text=True, check=False
    )


def test_conformance_stops_at_a_version_it_does_not_know(tmp_path: Path) -> None:
    case = {"name": "x", "expect": "allow"}
    for version, status in ((1, 0), (2, 1)):
        content = {"version": version, "about": "x", "cases": [case]}
        (tmp_path / "some.json").write_text(json.dumps(content))
        assert run_conformance(tmp_path).returncode == status


def test_a_recipe_writes_numbers_as_javascript_does() -> None:
    payload = cook({"claims": {"x": [1.5e3, -0.0, 1.5, {"y": 2.0}]}}, "").split(".")[1]
    text = decode_base64url(payload)
    assert text is not None
    assert b'"x":[1500,0,1.5,{"y":2}]' in text


def test_conformance_prints_a_line_for_each_case() -> None:
    run = run_conformance(FOLDER)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == 0
    assert [(line["file"], line["name"]) for line in lines] == [
        *((one.file, one.name) for one in SIGNATURES),
        *((case.file, case.name) for case in CASES),
    ]


@pytest.mark.parametrize(
    ("case", "member"),
    [
        ({"name": "x", "expect": "allow", "setings": {}}, "setings"),
        ({"name": "x", "expect": "allow", "token": {"claim": {}}}, "claim"),
        ({"name": "x", "expect": {"code": "y", "steps": 1}}, "steps"),
        ({"name": "x", "expect": "allow", "before": [{"signature_of": {"keys": 1}}]}, "keys"),
    ],
)
def test_conformance_stops_at_a_member_it_does_not_know(
    tmp_path: Path, case: object, member: str
) -> None:
    (tmp_path / "some.json").write_text(json.dumps({"about": "a typo", "cases": [case]}))
    run = run_conformance(tmp_path)
    assert run.returncode == 1
    assert f"unknown member {member}" in run.stderr


@pytest.mark.parametrize(
    ("file", "fault"),
    [("ed25519.json", "unknown member sig"), ("ed25519-new.json", "is no file of signatures")],
)
def test_conformance_stops_at_a_signature_it_does_not_know(
    tmp_path: Path, file: str, fault: str
) -> None:
    (tmp_path / file).write_text(json.dumps({"about": "x", "cases": [{"name": "x", "sig": ""}]}))
    run = run_conformance(tmp_path)
    assert run.returncode == 1
    assert fault in run.stderr
