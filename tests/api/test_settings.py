import json
from pathlib import Path

import pytest

from api.cli import main
from api.settings.settings import Settings, SettingsError
from ledger.crypto.notes import KeyType, Verifier
from ledger.crypto.seed_signer import SeedSigner
from tests.log.authority import TestedAuthority
from tests.matrix import every

SECRET = "5a" * 32
CANARY = "吉田-花子"


def wrong(environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(environment)
    return caught.value.wrong


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"LEDGER_NAME": ""}) == Settings()


def test_every_wrong_value_is_named_at_once_and_none_is_repeated() -> None:
    named = wrong(
        {
            "LEDGER_SECRET": "hunter2",
            "LEDGER_HTTP_PORT": "eighty",
            "LEDGER_DATABASE_URL": "mysql://u:topsecret@h/d",
            "LEDGER_LOG_LEVEL": "LOUD",
            "LEDGER_ITEMS_PER_REQUEST_MAX": "1001",
            "LEDGER_METRICS_ON_LOOPBACK": "maybe",
            "LEDGER_NAME": "x" * 101,
            "LEDGER_JWT_ISSUERS": "{}",
        }
    )
    assert [line.partition(":")[0] for line in named] == [
        "LEDGER_NAME",
        "LEDGER_DATABASE_URL",
        "LEDGER_SECRET",
        "LEDGER_JWT_ISSUERS",
        "LEDGER_ITEMS_PER_REQUEST_MAX",
        "LEDGER_METRICS_ON_LOOPBACK",
        "LEDGER_HTTP_PORT",
        "LEDGER_LOG_LEVEL",
    ]
    for value in ("hunter2", "eighty", "topsecret", "LOUD", "maybe", "xxx"):
        assert value not in "\n".join(named)


def test_secrets_come_from_files_and_stand_in_no_repr(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET + "\n")
    (tmp_path / "masters").mkdir()
    (tmp_path / "masters" / "2026-w48").write_text("02" * 32)
    (tmp_path / "masters" / "2026-w47").write_text("01" * 32)
    (tmp_path / "masters" / "..data").mkdir()
    settings = Settings.from_environment(
        {
            "LEDGER_SECRET_FILE": str(tmp_path / "secret"),
            "LEDGER_EPOCH_MASTER_DIR": str(tmp_path / "masters"),
            "LEDGER_DATABASE_URL": "postgresql://u:topsecret@h/d",
        }
    )
    assert settings.secret == bytes.fromhex(SECRET)
    assert settings.epoch_master_dir == tmp_path / "masters"
    for hidden in ("topsecret", "5a5a", "0202"):
        assert hidden not in repr(settings)


def test_a_secret_in_two_places_or_of_the_wrong_length_is_refused(tmp_path: Path) -> None:
    assert wrong({"LEDGER_SECRET": SECRET, "LEDGER_SECRET_FILE": "x"}) == (
        "LEDGER_SECRET: set either LEDGER_SECRET or LEDGER_SECRET_FILE",
    )
    assert wrong({"LEDGER_SECRET": SECRET[2:]})
    assert wrong({"LEDGER_SECRET_FILE": str(tmp_path / "missing")})
    assert wrong({"LEDGER_EPOCH_MASTER_DIR": str(tmp_path)})
    assert wrong({"LEDGER_EPOCH_MASTER": SECRET})


@every(
    "change",
    [
        {"algorithms": ["HS256"]},
        {"algorithms": ["none"]},
        {"algorithms": []},
        {"audience": ""},
        {"bound": "true"},
        {"colour": "blue"},
        {"jwks_url": "http://id.example.jp/jwks"},
        {"jwks_url": "file:///etc/passwd"},
        {"issuer": "http://id.example.jp"},
        {"jwks_url": "https://id.example.jp/jwks", "jwks_file": "keys.json"},
    ],
)
def test_an_issuer_whose_tokens_prove_nothing_is_refused(change: dict[str, object]) -> None:
    row = {"issuer": "https://id.example.jp", "audience": "https://ledger.example.jp"} | change
    (line,) = wrong({"LEDGER_JWT_ISSUERS": json.dumps([row])})
    assert line.startswith("LEDGER_JWT_ISSUERS[0]")


def test_unknown_names_are_told_and_kill_nothing() -> None:
    # Kubernetes sets LEDGER_PORT for a service called ledger; a typing error looks the same.
    settings = Settings.from_environment({"LEDGER_PORT": "tcp://10.0.0.1:80", "LEDGER_NAMEE": "x"})
    assert settings.unknown_names == ("LEDGER_NAMEE", "LEDGER_PORT")


@pytest.mark.parametrize(
    "command", ["serve", "follow", "migrate", "keys rotate", "projections status", "retention plan"]
)
def test_every_command_names_wrong_settings_and_ends_with_1(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["ledger", *command.split()])
    monkeypatch.setenv("LEDGER_HTTP_PORT", CANARY)
    monkeypatch.setenv("LEDGER_JWT_LEEWAY_S", CANARY)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert "LEDGER_HTTP_PORT" in told
    assert "LEDGER_JWT_LEEWAY_S" in told
    assert CANARY not in told


def test_an_operator_names_the_kinds_of_identifiers_of_its_platforms() -> None:
    kinds = {"points": "ポイント会員番号", "line_2": "回線番号"}
    read = Settings.from_environment({"LEDGER_IDENTIFIER_KINDS": json.dumps(kinds)})
    assert read.identifier_kinds == kinds
    many = {f"k{n}": "種類" for n in range(101)}
    none: list[str] = []
    for bad in (none, {"Points": "x"}, {"points": ""}, {"points": 1}, {"points": "a\nb"}, many):
        named = wrong({"LEDGER_IDENTIFIER_KINDS": json.dumps(bad)})
        assert [line.partition(":")[0] for line in named] == ["LEDGER_IDENTIFIER_KINDS"]
    assert wrong({"LEDGER_IDENTIFIER_KINDS": "points"})


def logins(**changed: str) -> dict[str, str]:
    """A URL for each role and the owner, each with a user of its own."""
    kinds = ("", "_WRITER", "_PROJECTOR", "_PURGER", "_READER")
    urls = {f"LEDGER_DATABASE_URL{kind}": f"postgresql://u{kind}:x@db/ledger" for kind in kinds}
    return {name: url for name, url in {**urls, **changed}.items() if url}


def test_each_role_has_a_login_of_its_own_or_none_has() -> None:
    given = Settings.from_environment(logins())
    assert given.database_logins is not None
    assert given.database_logins["ledger_reader"] == "postgresql://u_READER:x@db/ledger"
    assert Settings.from_environment(logins(LEDGER_DATABASE_URL="")).has_outer_database
    alone = Settings.from_environment({"LEDGER_DATABASE_URL": "postgresql://u:x@db/ledger"})
    assert (alone.database_logins, alone.has_outer_database) == (None, True)
    assert not Settings.from_environment({}).has_outer_database
    reader = "LEDGER_DATABASE_URL_READER"
    assert wrong(logins(LEDGER_DATABASE_URL_READER="")) == (
        f"{reader}: each role needs a login where one of them has its own",
    )
    for user in ("u", "u_WRITER"):
        assert wrong(logins(LEDGER_DATABASE_URL_READER=f"postgresql://{user}:x@db/ledger")) == (
            f"{reader}: expected a user of its own: each role, and the owner, another",
        )
    [told] = wrong(logins(LEDGER_DATABASE_URL_READER="postgresql://u_READER:x@other/ledger"))
    assert told == "LEDGER_DATABASE_URL_WRITER: all logins lead to one database"
    [told] = wrong(logins(LEDGER_DATABASE_URL_READER="postgresql://:hidden"))
    assert told == f"{reader}: expected postgresql://USER@HOST/DATABASE"


LOG = {"LEDGER_LOG_ORIGIN": "ledger.example.jp/main", "LEDGER_LOG_KEY": SECRET}
WITNESS = Verifier("w.example", bytes(32), KeyType.COSIGNATURE).text
POLICIES = {
    "no policy": ("hello\n", "line 1 of the witness policy: expected log, witness, group"),
    "an address without TLS": (
        f"witness a {WITNESS} http://w.example/\nquorum a\n",
        "witnesses are asked by https",
    ),
    "nobody to ask": (f"witness a {WITNESS}\nquorum a\n", "do not suffice for the quorum"),
    "another log": (
        f"log {SeedSigner('other.example/log', bytes(32)).verifier.text}\nquorum none\n",
        "other logs than this one",
    ),
}


@pytest.mark.parametrize(("policy", "said"), POLICIES.values(), ids=POLICIES.keys())
def test_a_witness_policy_that_cannot_be_met_is_refused(
    tmp_path: Path, policy: str, said: str
) -> None:
    (tmp_path / "policy").write_text(policy)
    [line] = wrong(LOG | {"LEDGER_LOG_WITNESS_POLICY": str(tmp_path / "policy")})
    assert line.startswith("LEDGER_LOG_WITNESS_POLICY: ")
    assert said in line
    assert "w.example" not in line


def test_a_witness_policy_is_read_from_its_file(tmp_path: Path) -> None:
    key = SeedSigner(LOG["LEDGER_LOG_ORIGIN"], bytes.fromhex(SECRET)).verifier.text
    lines = f"log {key}\nwitness a {WITNESS} https://w.example/\nquorum a\n"
    (tmp_path / "policy").write_text(lines)
    given = {"LEDGER_LOG_WITNESS_POLICY": str(tmp_path / "policy")}
    read = Settings.from_environment(LOG | given).log_witness_policy
    assert read is not None
    assert read.quorum == "a"
    [line] = wrong(given)
    assert "there is no signed log" in line
    [line] = wrong(LOG | {"LEDGER_LOG_WITNESS_POLICY": str(tmp_path / "none")})
    assert "cannot be read" in line


def test_time_stamps_need_an_address_and_the_certificates_behind_it(tmp_path: Path) -> None:
    tsa = TestedAuthority(tmp_path / "tsa")
    given = {
        "LEDGER_LOG_TSA_URL": "https://tsa.example.jp/tsr",
        "LEDGER_LOG_TSA_CA": str(tsa.ca),
    }
    read = Settings.from_environment(LOG | given)
    assert read.log_tsa_ca is not None
    assert len(read.log_tsa_ca.roots) == 1
    for name in given:
        rest = {one: value for one, value in given.items() if one != name}
        [line] = wrong(LOG | rest)
        assert line.startswith(f"{name}: time stamps need")
    [line] = wrong(given)
    assert "there is no signed log" in line
    (tmp_path / "empty").write_text("hello")
    for file, said in (("empty", "certificates in PEM"), ("none", "cannot be read")):
        lines = wrong(LOG | given | {"LEDGER_LOG_TSA_CA": str(tmp_path / file)})
        assert said in lines[0]
    assert wrong(LOG | given | {"LEDGER_LOG_TSA_URL": "http://tsa.example.jp/"})
