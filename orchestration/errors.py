"""Which errors a user can mend, and what they mean for the exit code."""

from click import UsageError

from orchestration.casemix import CasesError
from orchestration.dbt import DbtError
from orchestration.publishing.compare import HistoryError
from orchestration.publishing.excerpt import ExcerptError
from orchestration.publishing.manifest import NotIntactError
from orchestration.publishing.proof.envelope import EnvelopeError
from orchestration.publishing.proof.head import HeadError
from orchestration.publishing.proof.keys import SigningKeyError
from orchestration.publishing.proof.ledger import LedgerError
from orchestration.publishing.release import ReleaseBlockedError
from orchestration.publishing.walkback import ExplainError
from orchestration.runner import CountyFailedError, PlaceFailedError, RunFailedError
from orchestration.spark import SparkMissingError
from sources.base.home import HomeLockedError
from sources.base.refusal import RefusedError
from sources.casemix.scheme import SchemeError
from sources.county.county import CountyError
from sources.intake.landing import KeyMismatchError
from sources.intake.losses import AlteredError

USAGE_ERRORS = (
    *(UsageError, CountyError, KeyMismatchError, HistoryError, ExcerptError, PlaceFailedError),
    *(SparkMissingError, CasesError, SchemeError, CountyFailedError, SigningKeyError, HeadError),
)
WORK_ERRORS = (
    *(RunFailedError, HomeLockedError, DbtError, ReleaseBlockedError, ExplainError, NotIntactError, RefusedError),
    *(AlteredError, EnvelopeError, LedgerError),
)  # fmt: skip
