"""共同利用公表事項: versions with their days, what each announces, and how two of them differ."""

import re
from typing import Any

import pytest

from tests.doors.samples import notice
from tests.pages.office import Office
from tests.pages.watching import day

PAGE = "/desk/notices"


def publish(office: Office, body: dict[str, Any]) -> int:
    """Publish at the API; the position."""
    answer = office.api("POST", "/v1/notices", office.key("notices:write", owner="chief"), body)
    assert answer.status_code == 200, answer.text
    return answer.json()["position"]


def version(label: str, begins: str, **changes: object) -> dict[str, Any]:
    whole = notice()["version"]
    return {**whole, "version": label, "in_force_from": begins, "published_on": begins, **changes}


@pytest.fixture(scope="module", autouse=True)
def address(office: Office) -> str:
    """Where a notice with three versions is, the last one still to come."""
    assert "公表事項はまだありません" in office.person("chief").get(PAGE).text
    first = version("初版", day(400))
    position = publish(office, notice(notice_id="ju", title="会員共同利用", version=first))
    second = version(
        "第2版",
        day(40),
        scope=[
            {"party_id": "us", "name": "例示グループ本社株式会社"},
            {"party_id": "group-hotel", "name": "例示ホテル株式会社"},
        ],
        items=[
            {"category": "基本情報", "listed": ["氏名", "住所"]},
            {"category": "基本情報", "definition": "同じ名の別の項目"},
        ],
        purposes=[*first["purposes"], {"code": "safety", "label": "不正の防止"}],
    )
    meant = {"record_unlawful_changes": True}
    publish(office, notice(notice_id="ju", title="会員共同利用", version=second, **meant))
    third = {**second, "version": "第3版", "in_force_from": day(-30), "published_on": day(1)}
    publish(office, notice(notice_id="ju", title="会員共同利用", version=third))
    return f"{PAGE}/{position}"


def section(page: str, title: str) -> str:
    return page.partition(f"<h2>{title}</h2>")[2].partition("</section>")[0]


def difference(page: str, title: str) -> str:
    """The table of what differs in one part."""
    differing = section(page, "二つの公表の違い")
    return differing.partition(f"<h3>{title}</h3>")[2].partition("</table>")[0]


def test_versions_stand_with_their_days_and_how_they_stand_today(
    office: Office, address: str
) -> None:
    page = office.person("auditor").get(address).text
    lines = re.findall(r'<tr role="row">.*?</tr>', section(page, "公表の経過"), re.DOTALL)[1:]
    assert len(lines) == 3
    for line, label, state in zip(
        lines, ("初版", "第2版", "第3版"), ("以前", "● 現行", "これから"), strict=True
    ):
        assert label in line
        assert f'<span class="state">{state}</span>' in line
    assert day(1).replace("-", "/") in lines[2]
    assert day(-30).replace("-", "/") in lines[2]


def test_differences_are_told_point_by_point(office: Office, address: str) -> None:
    page = office.person("officer").get(f"{address}?from=1&to=2").text
    scope = difference(page, "共同して利用する者の範囲")
    kinds = re.findall(r'class="state">([^<]*)</span></td><th[^>]*><span>([^<]*)<', scope)
    assert kinds == [("～ 変更", "us"), ("－ 削除", "group-travel"), ("＋ 追加", "group-hotel")]
    assert "例示ホールディングス株式会社" in scope
    assert "例示グループ本社株式会社" in scope
    items = re.findall(r"<th[^>]*><span>([^<]*)<", difference(page, "個人データの項目"))
    assert items[-2:] == ["基本情報", "基本情報（2）"]
    assert "不正の防止" in difference(page, "利用目的")
    assert not difference(page, "管理について責任を有する者")
