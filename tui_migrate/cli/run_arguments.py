"""The arguments of `run`."""

from __future__ import annotations

from tui_migrate.cli.selection_arguments import add_selection_arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Add plan, selection, options and what to do about waiting."""
    parser.add_argument("plan", metavar="PLAN", nargs="?", help="plan file, ours or the engine's own plan JSON")
    parser.add_argument("--source", metavar="DEFINITION", dest="plan_source", help="source in place of the file's")
    parser.add_argument("--target", metavar="DEFINITION", dest="plan_target", help="target in place of the file's")
    parser.add_argument(
        "--revalidate", action="store_true", help="where the models changed since the plan was made, judge it anew"
    )
    parser.add_argument(
        "--from",
        metavar="KEY:*",
        dest="all_versions",
        help="in place of a plan: all older versions of the key, one after the other, each by its generated plan, to "
        "--target or the newest",
    )
    parser.add_argument(
        "--suggestions", action="store_true", help="with --from: also map the best suggestion for each unmapped one"
    )
    add_selection_arguments(parser)
    parser.add_argument("--expect", type=int, metavar="N", help="refuse if not exactly N instances are selected")
    options = parser.add_argument_group("options of the migration")
    options.add_argument("--sync", action="store_true", help="in one transaction and one request, not as a batch")
    options.add_argument("--skip-custom-listeners", action="store_true", default=None)
    options.add_argument("--skip-io-mappings", action="store_true", default=None)
    options.add_argument(
        "--variable",
        metavar="NAME=VALUE[:TYPE]",
        action="append",
        default=[],
        help="set on each instance; types: String, Integer, Long, Double, Boolean, Date, Json, Null … (default String)",
    )
    options.add_argument("--annotation", metavar="TEXT", help="for the engine's user operation log")
    options.add_argument("--wave-size", "--wave", type=int, metavar="N", help="instances of one batch (default 10000)")
    options.add_argument("--canary", type=int, metavar="N", help="N instances first, then stop")
    options.add_argument(
        "--canary-wait",
        type=float,
        metavar="SECONDS",
        help="look at the canary after that time and go on if it does well",
    )
    options.add_argument(
        "--allowed-failures", type=int, metavar="N", help="failures of one wave after which the next still follows"
    )
    how = parser.add_argument_group("how to go about it")
    how.add_argument("--dry-run", action="store_true", help="show what would be sent, send nothing")
    how.add_argument("--yes", action="store_true", help="don't ask")
    how.add_argument("--no-wait", action="store_true", help="send the first batch and leave; needs a single wave")
    how.add_argument("--timeout", type=float, metavar="SECONDS", help="stop waiting after that time; batches go on")
