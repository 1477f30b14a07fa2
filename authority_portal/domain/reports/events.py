"""What happened to a report, for those who act on it later. Ids and plain values only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportReceived:
    """A report came in; its reporter is to get an acknowledgement."""

    report_id: int
    change_id: int


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """A report took a step; its followers are to hear of it once the step is public."""

    report_id: int
    change_id: int


@dataclass(frozen=True, slots=True)
class PhotoWanted:
    """A report came with the address of a photo that has to be fetched."""

    report_id: int
    photo_id: int
