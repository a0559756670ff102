"""Lines of files of opt-outs that could not be taken in."""

from django.db import models

from .opt_out_import import OptOutImport


class RejectedLine(models.Model):
    """A line's number and a code, never what stands in it; kept for `imports.REPORT_DAYS`."""

    report = models.ForeignKey(OptOutImport, models.CASCADE, related_name="rejections")
    line = models.BigIntegerField()
    reason = models.CharField(max_length=16)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["report", "line"], name="jokkerit_rejected_line_once")
        ]

    def __str__(self) -> str:
        return f"rejected line {self.line}"
