"""Every command over the fake App: one JSON object, clear errors, exit codes, the right question to App."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fake_app import FakeApp
from typer.testing import CliRunner, Result

from ecom_agent.cli.main import cli
from ecom_agent.clock import FrozenClock
from ecom_agent.errors import ConfigError, StoreError
from ecom_agent.evaluate import base
from ecom_agent.records.views import AuditReport

runner = CliRunner()


def ecom(*words: str, stdin: str | None = None) -> Result:
    return runner.invoke(cli, list(words), input=stdin)


def answer(*words: str) -> Any:
    """What a command prints with --json: exactly one object on stdout."""
    result = ecom(*words, "--json")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("\n") == 1
    told = json.loads(result.stdout)
    assert isinstance(told, dict)
    return told


@pytest.fixture
def root(wire: Callable[[Any], ModuleType], clock: FrozenClock) -> ModuleType:
    return wire(FakeApp(clock))


@pytest.mark.parametrize(
    "words",
    [
        "pull", "pull --account amazon_us --stream orders", "run pricing.repricing", "actions list",
        "actions list --state held --sku MUG-STONE-01", "audit verify", "audit events --limit 3", "halt", "halt --list",
        "breakers",
        "quarantine", "limits list", "init", "demo --once --hours 1", "evaluate ingest", "evaluate --list",
        "backfill orders --account amazon_us --from 2026-01-01 --to 2026-02-01",
        "autonomy list", "policy list", "policy offers", "policy show streams",
        "attribution --account amazon_us --at 2026-01-15 --days 7",
    ],
)  # fmt: skip
def test_commands_that_print_data_print_text_and_one_json_object(root: ModuleType, words: str) -> None:
    assert answer(*words.split())
    plain = ecom(*words.split())
    assert plain.exit_code == 0, plain.stderr
    assert plain.stdout.strip()


@pytest.mark.parametrize("words", ["actions list", "audit events", "halt", "quarantine", "limits list"])
def test_a_new_shop_gets_sentences(wire: Callable[[Any], Any], clock: FrozenClock, words: str) -> None:
    wire(FakeApp.empty(clock))
    assert ecom(*words.split()).stdout.rstrip().endswith((".", "listings."))


@pytest.mark.parametrize(
    ("error", "code"), [(StoreError("the database is gone: start it"), 1), (ConfigError("ECOM_MODE is wrong"), 2)]
)
def test_a_deliberate_error_is_one_line_on_stderr(wire: Callable[[Any], Any], error: Exception, code: int) -> None:
    wire(FakeApp.broken(error))
    result = ecom("actions", "list")
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", f"ecom: {error}\n")


def test_an_unexpected_error_is_one_line_and_debug_tells_it_all(wire: Callable[[Any], Any]) -> None:
    wire(FakeApp.broken(ZeroDivisionError("buyer@example.org")))
    result = ecom("actions", "list")
    assert result.exit_code == 1
    assert result.stderr.startswith("ecom: unexpected ZeroDivisionError in fake_app.py:")
    assert "buyer@example.org" not in result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" in ecom("--debug", "actions", "list").stderr


def test_wrong_usage_is_2(root: ModuleType) -> None:
    assert ecom("actions", "list", "--state", "nonsense").exit_code == 2
    assert ecom("nonsense").exit_code == 2


def test_terminal_codes_from_outside_are_shown_not_obeyed(wire: Callable[[Any], Any]) -> None:
    wire(FakeApp.broken(StoreError("\x1b[2Jgone")))
    assert ecom("quarantine").stderr == "ecom: \\x1b[2Jgone\n"


def test_init_check_fails_while_something_is_missing(root: ModuleType) -> None:
    assert ecom("init", "--file", "my.env").exit_code == 0
    result = ecom("init", "--file", "my.env", "--check")
    assert result.exit_code == 2
    assert "REFRESH_TOKEN" in result.stdout
    assert ("init_env", Path("my.env"), True) in root.calls


def test_demo_once_ends_with_1_when_a_condition_is_not_met(root: ModuleType) -> None:
    result = ecom("demo", "--once", "--seed", "13", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["floor_violations"] == 1
    assert "hours" in result.stderr


def test_demo_and_up_hand_on_the_exit_code_and_options(root: ModuleType, tmp_path: Path) -> None:
    assert ecom("demo", "--seed", "3").exit_code == 0
    assert ecom("up", "--env", str(tmp_path / "my.env")).exit_code == 0
    assert ecom("lane").exit_code == 0
    assert [c[0] for c in root.calls] == ["run_demo_live", "run_up", "run_lane"]
    assert root.calls[0][1:4] == (Path(".demo"), 3, "mild")
    assert root.calls[1][1] == tmp_path / "my.env"


def test_pull_names_what_there_is_when_nothing_fits(root: ModuleType) -> None:
    result = ecom("pull", "--account", "nobody")
    assert result.exit_code == 2
    assert "amazon_us/orders" in result.stderr


def test_one_failed_stream_does_not_stop_the_others(shop: FakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    pull = shop.pull

    def flaky(account: str, stream: str) -> Any:
        if stream == "stock":
            raise StoreError("full disk: free some space")
        return pull(account, stream)

    monkeypatch.setattr(shop, "pull", flaky)
    result = ecom("pull", "--account", "amazon_us", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [f["stream"] for f in told["failed"]] == ["stock"]
    others = {stream for account, stream, _every in shop.streams() if account == "amazon_us"} - {"stock"}
    assert {pulled["stream"] for pulled in told["pulled"]} == others


def test_backfill_checks_a_file_against_the_store(shop: FakeApp, tmp_path: Path) -> None:
    file = tmp_path / "lines.parquet"
    file.write_bytes(b"PAR1")
    told = answer("backfill", "orders", str(file), "--map", "uci_online_retail", "--check")
    assert told["equal"] is True
    assert told["file"] == told["store"]
    assert ("backfill_file", "orders", file, "uci_online_retail", None, True) in shop.calls
    answer("backfill", "orders", str(file), "--map", "uci_online_retail", "--account", "old_shop")
    assert ("backfill_file", "orders", file, "uci_online_retail", "old_shop", False) in shop.calls


def test_a_preview_says_what_a_file_would_do_and_imports_nothing(shop: FakeApp, tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    file.write_text("x\n")
    told = answer("backfill", "orders", str(file), "--map", "uci_online_retail", "--preview")
    assert (told["new"], told["changed"], told["unchanged"], told["quarantined"]) == (1, 0, 1, 1)
    shown = ecom("backfill", "orders", str(file), "--map", "uci_online_retail", "--preview")
    assert "536365" in shown.stdout
    assert "wanted a number" in shown.stdout
    assert "Nothing was written" in shown.stdout
    assert {call[0] for call in shop.calls} == {"preview_file"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("backfill orders nowhere.csv --map x", "nothing at nowhere.csv"),
        ("backfill orders", "--account and --from"),
        ("backfill orders --account amazon_us --from 2026-02-01 --to 2026-01-01", "turn them round"),
        ("halt all", "a reason for the halt"),
        ("resume all", "nothing is halted"),
        ("run nothing.here", "there are: pricing.repricing"),
        ("run pricing.repricing --account nobody", "no marketplace"),
        ("actions show zz", "no single Action"),
        ("evaluate", "--list"),
        ("evaluate ingest --data /nowhere", "nothing at /nowhere"),
        ("limits set --csv nowhere.csv", "nowhere.csv"),
        ("autonomy set pricing.repricing amazon_us always", "supervised"),
        ("policy show margins", "there are: streams"),
        ("policy set streams nowhere.yaml", "nowhere.yaml"),
    ],
)
def test_wrong_input_says_what_to_do(root: ModuleType, words: str, said: str) -> None:
    result = ecom(*words.split())
    assert result.exit_code == 2
    assert said in result.stderr


def test_run_proposes_in_every_place_and_sends_nothing(shop: FakeApp) -> None:
    told = answer("run", "pricing.repricing")
    assert told["total"]["proposed"] == 9
    assert {c[0] for c in shop.calls} == {"propose"}


def test_an_action_is_answered_by_its_first_characters(shop: FakeApp) -> None:
    first, second, _ = shop.pending()
    assert answer("actions", "approve", first.key[:12], "--by", "ada", "--note", "seen")["state"] == "approved"
    assert answer("actions", "deny", second.key[:12], "--reason", "too low")["state"] == "denied"
    done = shop.actions(state="verified")[0]
    assert answer("actions", "undo", done.key[:12])["after"] == done.before
    assert shop.calls == [
        ("approve", first.key[:12], "ada", "seen"),
        ("deny", second.key[:12], "operator", "too low"),
        ("undo", done.key[:12], "operator"),
    ]


def test_answering_twice_is_refused(shop: FakeApp) -> None:
    key = shop.pending()[0].key
    ecom("actions", "approve", key)
    result = ecom("actions", "approve", key)
    assert result.exit_code == 1
    assert "cannot become" in result.stderr


def test_explain_tells_every_step(shop: FakeApp) -> None:
    key = shop.actions(state="verified")[0].key
    assert [e["step"] for e in answer("audit", "explain", key)["events"]] == ["proposed", "judged", "sent", "verified"]
    shown = ecom("audit", "explain", key[:12])
    assert "price_band" in shown.stdout
    assert "verifier" in shown.stdout
    assert ecom("actions", "show", key[:12]).exit_code == 0


def test_a_broken_chain_ends_with_1(shop: FakeApp) -> None:
    shop.chain = AuditReport(False, 50, "ab", 17, "the hash does not fit")
    result = ecom("audit", "verify")
    assert result.exit_code == 1
    assert "event 17" in result.stdout


def test_a_halt_is_lifted_only_after_a_yes(shop: FakeApp) -> None:
    assert answer("halt", "all", "--reason", "odd prices")["halts"][0]["scope"] == "all"
    refused = ecom("resume", "all")
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert shop.halts()
    assert answer("resume", "all", "--yes", "--by", "ada")["halts"] == []
    assert ("resume", "all", "ada") in shop.calls


def test_a_halt_may_let_raises_through_and_breakers_tell_each_account(shop: FakeApp) -> None:
    scope = "account:amazon_us"
    told = answer("halt", scope, "--level", "reducing", "--reason", "a falling market")["halts"][0]
    assert (told["scope"], told["level"]) == (scope, "reducing")
    states = {view["account"]: view["state"] for view in answer("breakers")["breakers"]}
    assert states == {"amazon_us": "reducing", "amazon_de": "reducing", "shop_main": "active"}
    assert "TRIPS" in ecom("breakers").stdout


def test_limits_go_out_as_csv_and_come_back(shop: FakeApp, tmp_path: Path) -> None:
    file = tmp_path / "limits.csv"
    file.write_text(ecom("limits", "list", "--csv").stdout, encoding="utf-8")
    before = shop.limits()
    assert answer("limits", "set", "--csv", str(file)) == {"saved": len(before)}
    call = next(c for c in shop.calls if c[0] == "set_limits")
    assert call[1] == before


def test_floors_show_their_parts_and_what_is_not_known(shop: FakeApp) -> None:
    (told,) = answer("limits", "floors", "KET-GOOSE-09")["floors"]
    assert told["floor"] == {"minor": 4502, "currency": "USD"}
    assert set(told["parts"]) == {"hard minimum", "break-even + margin", "break-even + return on cost"}
    returns = next(cost for cost in told["costs"] if cost["name"] == "returns")
    assert (returns["amount"], returns["at"]) == (None, None)
    shown = ecom("limits", "floors", "KET-GOOSE-09").stdout
    assert "not known: not counted" in shown
    assert "landed cost" in shown
    assert "a listing that is known" in ecom("limits", "floors", "NOPE").stderr


def test_new_costs_go_in_by_csv(shop: FakeApp, tmp_path: Path) -> None:
    file = tmp_path / "limits.csv"
    head = "account,marketplace,sku,foreign_cost,unit_cost,return_percent"
    file.write_text(f"{head}\namazon_us,ATVPDKIKX0DER,KET-GOOSE-09,9.50 EUR,,4.5\n")
    ecom("limits", "set", "--csv", str(file))
    (row,) = next(c for c in shop.calls if c[0] == "set_limits")[1]
    assert (row.foreign_cost, row.unit_cost, row.return_percent, row.ad_cost) == ("9.50 EUR", None, "4.5", None)


def test_a_left_out_column_stays_and_an_empty_cell_unsets(shop: FakeApp, tmp_path: Path) -> None:
    file = tmp_path / "limits.csv"
    file.write_text("account,marketplace,sku,hard_min,map_price\namazon_us,ATVPDKIKX0DER,KET-GOOSE-09,40.10,\n")
    ecom("limits", "set", "--csv", str(file))
    (row,) = next(c for c in shop.calls if c[0] == "set_limits")[1]
    assert (row.hard_min, row.map_price, row.ceiling) == ("40.10", None, "68.62")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sku,hard_min\nA,1\n", "correct the first line"),
        ("account,marketplace,sku,colour\na,b,c,d\n", "correct the first line"),
        ("", "no header"),
        ("account,marketplace,sku,hard_min\nx,y,z,1\n", "x/y/z in"),
        ("account,marketplace,sku,hard_min\namazon_us,ATVPDKIKX0DER,MUG-STONE-01,99\n", "MUG-STONE-01"),
    ],
)
def test_a_wrong_limits_file_changes_nothing(shop: FakeApp, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "limits.csv"
    file.write_text(text, encoding="utf-8")
    result = ecom("limits", "set", "--csv", str(file))
    assert result.exit_code == 2
    assert said in result.stderr
    assert not shop.calls


def test_who_decides_is_the_person_of_the_settings_unless_another_is_named(shop: FakeApp) -> None:
    shop.person = "ada"
    answer("halt", "all", "--reason", "odd prices")
    answer("resume", "all", "--yes", "--by", "ben")
    assert [c[2] for c in shop.calls] == ["ada", "ben"]


def test_a_level_is_set_by_a_person(shop: FakeApp) -> None:
    told = answer("autonomy", "set", "pricing.repricing", "amazon_de", "supervised", "--by", "ada")
    assert shop.calls == [("set_autonomy", "pricing.repricing", "amazon_de", "supervised", "ada")]
    assert {"automation": "pricing.repricing", "account": "amazon_de", "level": "supervised"} in told["autonomy"]


def test_a_policy_goes_out_as_yaml_and_comes_back(shop: FakeApp, tmp_path: Path) -> None:
    file = tmp_path / "streams.yaml"
    file.write_text(ecom("policy", "show", "streams").stdout.replace("5", "7"), encoding="utf-8")
    assert answer("policy", "set", "streams", str(file)) == {"name": "streams", "version": 2}
    assert shop.calls == [("set_policy", "streams", {"default": 7, "streams": {"orders": 7}}, "operator")]
    assert answer("policy", "list")["policies"][0] == {"name": "streams", "version": 2, "by": "operator"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- 1\n", "found list"),
        ("a: [\n", "found while parsing"),
        ("", "found NoneType"),
        ("nonsense: 1\n", "that line"),
    ],
)
def test_a_wrong_policy_file_changes_nothing(shop: FakeApp, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "streams.yaml"
    file.write_text(text, encoding="utf-8")
    result = ecom("policy", "set", "streams", str(file))
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert not shop.calls


def test_evaluate_prints_its_six_keys_and_details_only_when_there_are_some(root: ModuleType) -> None:
    assert set(answer("evaluate", "ingest")) == {"name", "figures", "baselines", "data", "seed", "seconds"}
    given = root.evaluate("ingest", None, 7, print)
    root.evaluate = lambda *_: {**given, "details": {"misses": ["case 3: wrong status"]}}  # type: ignore[attr-defined]
    assert answer("evaluate", "ingest")["details"] == {"misses": ["case 3: wrong status"]}
    assert "case 3" in ecom("evaluate", "ingest").stdout


def test_the_list_says_what_each_figure_means(root: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    one = base.Evaluation("ingest", "How fast", {"rows_per_s_ratio": "ours ÷ bare COPY"}, {}, lambda _o: None)  # type: ignore[arg-type,return-value]
    monkeypatch.setattr(base, "evaluations", lambda: {"ingest": one})
    assert answer("evaluate", "--list")["evaluations"][0]["figures"] == {"rows_per_s_ratio": "ours ÷ bare COPY"}
    assert "bare COPY" in ecom("evaluate", "--list").stdout


def test_help_loads_no_heavy_library() -> None:
    heavy = "{'sqlmodel','sqlalchemy','prefect','streamlit','pandas','numpy','httpx','fastapi','structlog'}"
    code = f"import sys, ecom_agent.cli.main; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
