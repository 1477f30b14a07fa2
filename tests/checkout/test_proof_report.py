"""The report of `make prove` says what was measured, and hides neither a failure nor a skip."""

from pathlib import Path

from deploy.checkout import proof_report

RESULTS = """<testsuites><testsuite>
<testcase classname="tests.proofs.test_kill" name="test_nothing_is_lost" time="61.5">
<properties><property name="size" value="1,000 messages"/><property name="result" value="0 lost"/></properties></testcase>
<testcase classname="tests.proofs.test_races" name="test_no_update_is_lost[note]" time="2"><failure message="no"/>
<properties><property name="size" value="1,000 pairs"/><property name="result" value="1 lost"/></properties></testcase>
<testcase classname="tests.journeys.test_told" name="test_a_resident_hears" time="3"/>
<testcase classname="tests.journeys.test_told" name="test_b" time="0"><skipped message="why"/></testcase>
</testsuite></testsuites>"""


def test_figures_failures_and_skips_stand_in_the_report(tmp_path: Path) -> None:
    file = tmp_path / "results.xml"
    file.write_text(RESULTS)

    cases = proof_report.read(file)
    page = proof_report.write(cases, circumstances="Today.")

    assert proof_report.verdict(cases) == "2 passed, 1 failed, 1 skipped."
    assert "Today. 2 passed, 1 failed, 1 skipped." in page
    assert "| Nothing is lost | 1,000 messages | 0 lost | 62 |" in page
    assert "| No update is lost (note) | 1,000 pairs | **FAILED** 1 lost | 2 |" in page
    assert "| `tests/journeys/test_told.py` | 1 | test_b SKIPPED | 3 |" in page
