"""The page that checks a reply's proof, in a real browser, from a file.

Attack: a proof makes the page that checks it call a lie good, show markup, or send something.
Held off by: the corpus of `check_proof.py`, on which each verdict and each sentence is the same;
texts that are shown as text alone; a content security policy that admits its own script and no
request; its own arithmetic, which is tried before it checks anything.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Error, FilePayload, Page, Request, expect

from ledger.log import check_proof
from ledger.log.verifier_page import SCRIPTS, verifier_page
from tests.attacks.hostile import PLANTED, TEXTS
from tests.browser.looking import WAITS_MS, overflow, violations
from tests.format.answered import edited
from tests.format.ed25519_cases import FIRST, SECRETS, signatures
from tests.format.golden.building import VKEY, signed
from tests.format.hostile_proof import hostile_proof
from tests.format.test_check_proof import (
    BOOK,
    BOUND,
    HOSTILE,
    OF_FORM_1,
    OTHER_KEY,
    WHOLE,
    A,
    B,
    corpus,
    policy_of,
)

# What the page says in other words than the program: it has no options, and is another file.
OWN_WORDS: Final = {
    "JSON in another encoding": "JSON",
    "check_proof.py": "check_proof.html",
    "ログの公開鍵を --key で渡してください": "ログの公開鍵を入力してください",
    "give the log's key by --key": "give the log's key",
    "--witness 1:": "証人 1 / witness 1:",
    "--witness 2:": "証人 2 / witness 2:",
}
COLOURS: Final = {0: "good", 5: "consistent", 2: "unable"}
HEARD: Final = """
    window.heard = [];
    document.addEventListener('securitypolicyviolation', one => heard.push(one.violatedDirective));
    window.alert = () => heard.push('alert');
"""
CHECK: Final = """([content, key, witnesses, policy]) => {
    const bytes = text => Uint8Array.from(atob(text), one => one.charCodeAt(0));
    const rules = policy === null ? null : bytes(policy);
    const [code, sentences] = check(bytes(content), key, witnesses, rules);
    return [code, sentences.flat().filter(Boolean).join('\\n')];
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("medium") / "check_proof.html"
    file.write_bytes(verifier_page())
    return file.as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page as a file, without a network; a request that its policy let pass fails the test."""
    context = browser.new_context(locale="ja-JP", offline=True)
    context.set_default_timeout(WAITS_MS)
    asked: list[Request] = []
    complaints: list[str] = []

    def hear(request: Request) -> None:
        if request.url != address:
            asked.append(request)

    context.on("request", hear)
    opened = context.new_page()
    opened.add_init_script(HEARD)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(address)
    yield opened
    assert [one.url for one in asked if one.failure != "csp"] == []
    assert complaints == []
    context.close()


def program_says(
    capsys: pytest.CaptureFixture[str], file: Path, content: bytes, *options: str
) -> tuple[int, str]:
    file.write_bytes(content)
    code = check_proof.main([str(file), *options])
    text = "".join(capsys.readouterr()).removesuffix("\n")
    for theirs, ours in OWN_WORDS.items():
        text = text.replace(theirs, ours)
    return code, text


def page_says(page: Page, content: bytes, key: str = VKEY) -> tuple[int, str]:
    """As a person does it: choose the file, paste the key, press the button."""
    payload: FilePayload = {"name": "proof.json", "mimeType": "", "buffer": content}
    page.set_input_files("#proof", files=[payload])
    page.fill("#key", key)
    page.click("[type=submit]")
    page.wait_for_selector("#result[data-code]")
    code = int(page.get_attribute("#result", "data-code") or "-1")
    colour = COLOURS.get(code, "refused")
    assert page.get_attribute("#verdict", "class") == f"verdict {colour}"
    steps = page.locator("#steps :is(.ja, .en, pre)").all_text_contents()
    return code, "\n".join([*steps, *page.locator("#verdict :is(.ja, .en)").all_text_contents()])


def says(page: Page, content: bytes, key: str, *witnesses: str, policy: str | None = None) -> Any:  # noqa: ANN401 -- a code and a text
    """What the page would show, without its form."""
    rules = None if policy is None else base64.b64encode(policy.encode()).decode()
    return tuple(
        page.evaluate(CHECK, [base64.b64encode(content).decode(), key, [*witnesses], rules])
    )


# -- the corpus ----------------------------------------------------------------------------------


def test_each_verdict_and_each_sentence_is_that_of_the_program(
    page: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, unlike, codes = tmp_path / "proof.json", list[str](), set[int]()
    for name, content in corpus():
        for key in (VKEY, ""):
            options = ("--key", key) if key else ()
            program = program_says(capsys, file, content, *options)
            shown = says(page, content, key)
            codes.add(shown[0])
            if shown != program:
                unlike.append(f"{name}, key {bool(key)}: {shown[0]}, not {program[0]}")
    assert unlike == []
    assert codes == {0, 5, 10, 20, 30, 40}


def test_the_form_shows_what_the_program_says(
    page: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, unlike = tmp_path / "proof.json", list[str]()
    named = dict(corpus())
    names = ["v3: a record is left out", "v3: version 4", "told before it was recorded", *HOSTILE]
    for content in (BOUND, OF_FORM_1, WHOLE, *(named[name] for name in names)):
        for key in (VKEY, OTHER_KEY, ""):
            options = ("--key", key) if key else ()
            program = program_says(capsys, file, content, *options)
            if (shown := page_says(page, content, key)) != program:
                unlike.append(f"{content[:40]!r}: {shown[0]}, not {program[0]}")
    assert unlike == []


def test_keys_witnesses_and_policies_are_taken_as_the_program_takes_them(
    page: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = signed(len(BOOK.events), BOOK.root()).partition("\n\n")[0] + "\n"
    cosigned = signed(len(BOOK.events), BOOK.root(), A.cosigned(text))
    forged = cosigned.replace(A.cosigned(text), A.cosigned("another text\n"))
    keys = ("", VKEY, f"\u3000{VKEY}\n", OTHER_KEY, "no key", "a+b", VKEY[:-1], VKEY + "=", "ログ")
    witnesses = ((), (A.key.text,), (A.key.text, B.key.text), (A.key.text,) * 2, (VKEY,))
    named = policy_of("a")
    policies = (
        None,
        "",
        named,
        policy_of("both"),
        policy_of("none"),
        policy_of("a", log=OTHER_KEY),
        "quorum nobody\n",
        "\ufeff" + named,
        named.replace("both 2", "both any"),
        named.replace("both 2", "both constructor"),
        named.replace("both 2", "both 3"),
        named.replace("both 2 a b", "both all a a"),
        named.replace("group both 2 a b", "group both 1 a\ngroup again 1 a"),
        named.replace("group both", "group none"),
        named.replace("\n", "\u3000\n#x\n"),
        named + "quorum b\n",
    )
    file, rules, unlike = tmp_path / "proof.json", tmp_path / "policy", list[str]()
    cases = [(BOUND, key, (), None) for key in keys]
    for note in (cosigned, forged):
        content = edited(BOUND, lambda m, note=note: m.update(checkpoint=note))
        cases += [(content, key, (), policy) for key in ("", VKEY) for policy in policies]
        cases += [(content, key, some, None) for key in ("", VKEY) for some in witnesses]
    for content, key, some, policy in cases:
        options = ["--key", key] if key else []
        options += [word for one in some for word in ("--witness", one)]
        if policy is not None:
            rules.write_text(policy, "utf-8")
            options += ["--policy", str(rules)]
        program = program_says(capsys, file, content, *options)
        if (shown := says(page, content, key, *some, policy=policy)) != program:
            unlike.append(f"{key[:9]!r} {len(some)} {policy!r}: {shown}, not {program}")
    assert unlike == []


JSON: Final = (
    *("", " ", "0", "-0", "-1", "01", "1.0", "1e3", "9007199254740991", "9007199254740992"),
    *("-9007199254740991", "99999999999999999999", "- 1", "+1", "NaN", "Infinity", "null", "true"),
    *("tru", "[]", "[1,2]", "[1, 2]", "[1,]", "[,1]", "[", "]", "[null]", "[[],{}]", "\ufeff1"),
    *('"', '""', '"\\u001f"', '"\\u000a"', '"\\n"', '"\\/"', '"\\u0041"', '"\\ud83d\\ude00"'),
    *('"\\ud800"', '"\x7f"', '"\t"', '"\u2028"', '"😀"', '"\\x"', '"\\u00"', '"\\u00 1"', '"\\"'),
    *('"\\u001F"', '"a" ', '{"a":1}', '{"a":1,"a":1}', '{"b":1,"a":2}', '{"a":1,}', '{"a"}'),
    *('{"A":1}', '{"":1}', '{"a":null}', '{"address":null}', '{"__proto__":1}', '{"10":1,"9":2}'),
    *('{"9":1,"10":2}', '{"constructor":{}}', '{"a":1 }', '{"\\u0061":1}', '{"a":true,"b":false}'),
    *("[" * n + "]" * n for n in (31, 32, 33, 34, 35)),
    *("[" * n + "1" + "]" * n for n in (31, 32, 33, 34)),
    *('{"address":' * n + "null" + "}" * n for n in (32, 33, 34)),
)


def test_json_is_read_as_strictly_as_the_program_reads_it(page: Page) -> None:
    def is_read(text: str) -> bool:
        try:
            check_proof.read(text)
        except check_proof.ProofRefusal:
            return False
        return True

    found = page.evaluate(
        "all => all.map(one => { try { read(one); return true } catch { return false } })", [*JSON]
    )
    assert {one for one, ours in zip(JSON, found, strict=True) if ours is not is_read(one)} == set()


# -- arithmetic ----------------------------------------------------------------------------------


def test_hashes_and_signatures_are_those_of_the_standards(page: Page) -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SECRETS[0][0]))
    made = private.public_key().public_bytes_raw().hex(), private.sign(b"").hex()
    assert made == FIRST
    lengths = (0, 1, 3, 55, 56, 57, 63, 64, 65, 111, 112, 119, 120, 127, 128, 129, 1_000, 10_001)
    texts = [hashlib.shake_256(bytes([n % 251])).digest(n) for n in lengths]
    key = bytes(range(32))
    found = page.evaluate(
        "([key, ...all]) => all.map(unhex).map(one =>"
        " [sha256(one), sha512(one), hmac(unhex(key), one)].map(hex))",
        [key.hex(), *(one.hex() for one in texts)],
    )
    assert found == [
        [
            hashlib.sha256(one).hexdigest(),
            hashlib.sha512(one).hexdigest(),
            hmac.digest(key, one, "sha256").hex(),
        ]
        for one in texts
    ]
    cases = [*signatures()]
    verdicts = page.evaluate(
        "all => all.map(one => isSigned(...one.map(unhex)))",
        [[part.hex() for part in one] for one in cases],
    )
    unlike = [
        tuple(part.hex() for part in one)
        for one, verdict in zip(cases, verdicts, strict=True)
        if verdict is not (len(one[0]) == 32 and check_proof.is_signed(*one))
    ]
    assert unlike == []
    assert verdicts.count(True) >= len(SECRETS)


@pytest.mark.parametrize(
    "broken",
    [
        "DataView.prototype.getInt32 = () => 0",
        "delete DataView.prototype.setBigUint64",
        "delete window.BigInt",
        "delete window.TextEncoder",
    ],
)
def test_a_browser_that_cannot_calculate_says_so_and_has_no_form(
    browser: Browser, address: str, broken: str
) -> None:
    context = browser.new_context()
    opened = context.new_page()
    opened.add_init_script(broken)
    opened.goto(address)
    expect(opened.locator("#unable")).to_be_visible()
    expect(opened.locator("#unable")).to_contain_text("合格ではありません")
    expect(opened.locator("#form")).to_be_hidden()
    expect(opened.locator("#result")).to_be_hidden()
    context.close()


def test_what_a_browser_lacks_later_ends_in_no_verdict(page: Page) -> None:
    page.evaluate("() => { Object.hasOwn = undefined; Map.prototype.get = undefined }")
    page.set_input_files("#proof", files=[{"name": "p", "mimeType": "", "buffer": BOUND}])
    page.click("[type=submit]")
    expect(page.locator("#unable")).to_be_visible()
    expect(page.locator("#result")).to_be_hidden()


def test_without_scripts_it_says_that_it_cannot_check(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(address)
    expect(opened.locator("#unable")).to_be_visible()
    expect(opened.locator("#form")).to_be_hidden()
    context.close()


# -- nothing is run, and nothing leaves ----------------------------------------------------------


def test_what_a_proof_says_is_text_whatever_it_is(
    page: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, unlike = tmp_path / "proof.json", list[str]()
    before = page.evaluate("document.querySelectorAll('script, style, meta, link').length")
    for name, text in TEXTS.items():
        content = hostile_proof(text)
        program = program_says(capsys, file, content, "--key", VKEY)
        assert program[0] == check_proof.GOOD, name
        if page_says(page, content) != program:
            unlike.append(name)
        assert page.locator(f"{PLANTED}, img, iframe, [{PLANTED}]").count() == 0, name
        assert (
            page.evaluate("document.querySelectorAll('script, style, meta, link').length") == before
        )
    assert unlike == []
    assert page.evaluate("window.heard") == []


FORBIDDEN_DOINGS: Final = {
    "connect-src": "fetch('https://other.example/').catch(() => null)",
    "img-src": "document.body.append(Object.assign(new Image(), {src: 'https://other.example/x'}))",
    "script-src-elem": "(() => { const one = document.createElement('link'); one.rel = 'preload';"
    " one.as = 'script'; one.href = 'https://other.example/x.js'; document.head.append(one) })()",
    "style-src-elem": "(() => { const one = document.createElement('style');"
    " one.textContent = 'p { color: red }'; document.head.append(one) })()",
    "frame-src": "(() => { const one = document.createElement('iframe');"
    " one.src = 'https://other.example/'; document.body.append(one) })()",
    "form-action": "(() => { const one = document.createElement('form');"
    " one.action = 'https://other.example/'; document.body.append(one); one.submit() })()",
}


def test_its_policy_forbids_every_request_and_every_other_script(page: Page) -> None:
    for directive, doing in FORBIDDEN_DOINGS.items():
        page.evaluate(doing)
        page.wait_for_function("one => window.heard.includes(one)", arg=directive)
    for doing in ("document.body.innerHTML = '<b>x</b>'", "document.write('<b>x</b>')"):
        with pytest.raises(Error, match="TrustedHTML"):
            page.evaluate(f"() => {{ {doing} }}")


def test_its_sources_have_no_way_out_and_no_markup_of_data() -> None:
    text = "".join(
        files("ledger.log").joinpath("verifier", one).read_text("utf-8") for one in SCRIPTS
    )
    ways = (
        r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|\bFunction\(|\bimport\b|fetch"
        r"|XMLHttp|WebSocket|EventSource|sendBeacon|\bWorker|Storage|indexedDB|cookie|https?://"
        r"|</script|</style"
    )
    assert re.findall(ways, text) == []


def test_it_is_made_the_same_each_time_and_names_no_address() -> None:
    made = verifier_page()
    assert made == verifier_page()
    assert b"\r" not in made
    assert re.findall(rb"https?://|@(?:policy|style|script)@", made) == []
    assert made.count(b"<script") == made.count(b"<style") == 1


# -- as people use it ----------------------------------------------------------------------------


def test_every_state_is_readable_in_both_languages_on_a_narrow_screen_light_and_dark(
    page: Page,
) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    faults: list[str] = []
    for content, key in ((BOUND, VKEY), (BOUND, ""), (b"{}", VKEY), (BOUND, OTHER_KEY)):
        page_says(page, content, key)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for _ in ("en", "ja"):
                page.click("#switch")
                faults += [*violations(page), *overflow(page)]
    assert faults == []


def test_the_switch_shows_one_language_and_names_it(page: Page) -> None:
    page_says(page, BOUND)
    expect(page.locator("#verdict")).to_have_text(re.compile("全て一致しました"))
    assert page.locator("main .ja:visible").count() > 0
    assert page.locator("main .en:visible").count() == 0
    page.click("#switch")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.title() == "Check the proof of a reply"
    assert page.locator("main .ja:visible").count() == 0
    assert "all good" in page.locator("#verdict").inner_text()
    expect(page.locator("#switch")).to_have_text("日本語")


def test_a_verdict_goes_as_soon_as_anything_is_changed(page: Page) -> None:
    assert page_says(page, BOUND)[0] == check_proof.GOOD
    page.locator("#key").press_sequentially("x")
    expect(page.locator("#result")).to_be_hidden()
    assert page.locator("#steps").inner_text() == ""


def test_it_is_used_with_the_keyboard_and_the_verdict_gets_the_focus(page: Page) -> None:
    page.set_input_files("#proof", files=[{"name": "p", "mimeType": "", "buffer": BOUND}])
    page.locator("#key").focus()
    page.keyboard.insert_text(VKEY)
    for _ in ("the summary", "the button"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#result[data-code]")
    assert page.evaluate("document.activeElement.id") == "verdict"


def test_a_file_that_is_dropped_is_the_proof_and_without_one_nothing_is_good(page: Page) -> None:
    page.click("[type=submit]")
    page.wait_for_selector("#result[data-code='2']")
    page.evaluate(
        """text => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([text], 'proof.json'));
            document.body.dispatchEvent(
                new DragEvent('drop', {dataTransfer, bubbles: true, cancelable: true}));
        }""",
        BOUND.decode(),
    )
    expect(page.locator("#result")).to_be_hidden()
    page.fill("#key", VKEY)
    page.click("[type=submit]")
    page.wait_for_selector("#result[data-code='0']")


def test_witnesses_and_a_policy_are_taken_from_the_form(page: Page) -> None:
    page.click("summary")
    page.fill("#witnesses", f"{A.key.text}\n\n")
    assert "witnesses: 0 of the 1 you know signed" in page_says(page, BOUND)[1]
    page.fill("#witnesses", "")
    rules: FilePayload = {"name": "p", "mimeType": "", "buffer": policy_of("both").encode()}
    page.set_input_files("#policy", files=[rules])
    assert page_says(page, BOUND)[0] == check_proof.SIGNATURE


def test_on_paper_the_verdict_stands_and_no_button(page: Page) -> None:
    page_says(page, BOUND)
    page.emulate_media(media="print")
    expect(page.locator("#verdict")).to_be_visible()
    assert page.locator("button:visible").count() == 0
