"""What is drawn in the docs is what the tables say."""

from authority_portal.config import CHECKOUT
from authority_portal.domain.access import picture
from authority_portal.domain.reports import workflow
from authority_portal.domain.rights import picture as retention


def test_the_page_about_access_is_the_table():
    assert (CHECKOUT / "docs" / "access.md").read_text() == picture.drawn(), "draw it anew: see its second paragraph"


def test_the_page_about_retention_is_the_table():
    assert (CHECKOUT / "docs" / "retention.md").read_text() == retention.drawn(), "draw it anew: see its second paragraph"


def test_the_page_about_the_workflow_is_the_standard_one():
    page = (CHECKOUT / "docs" / "workflow.md").read_text()

    assert f"```mermaid\n{workflow.mermaid(workflow.STANDARD)}```" in page, "paste the output of `flask workflow draw`"
