"""Start a command of the owner's, with the owner's own credentials.

AWS_ENDPOINT_URL_DYNAMODB selects a DynamoDB on this machine, such as the one that `make run`
prints; then nothing needs to be deployed.
"""

import json
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from contract.command import CommandError
from owner import commands
from owner.ledger import Ledger
from owner.words import printable
from release import account
from visits.counting.connection import limit_answers
from visits.counting.table import StoreUnavailable
from visits.settings import DeclaredCounter, parse_counters

COMMANDS = {
    "counts": commands.show,
    "correct": commands.correct,
    "import": commands.import_file,
    "export": commands.export,
    "repair": commands.repair,
}
FAILED = "DynamoDB cannot be used: {error}\nThe same command completes what was interrupted."


def main(command: str) -> None:
    try:
        COMMANDS[command](connect())
    except CommandError as error:
        stop(str(error))
    except StoreUnavailable as error:
        stop(FAILED.format(error=error.__cause__ or "it did not answer in time."))
    except (BotoCoreError, ClientError) as error:
        stop(FAILED.format(error=error))
    except KeyboardInterrupt:
        stop("Stopped. The same command completes what was interrupted.")


def stop(message: str) -> None:
    sys.exit(f"\n{printable(message)}")


def connect() -> Ledger:
    """Return the counters of the deployment, or of the DynamoDB that the environment names."""
    # The table repeats calls.
    options = {"connect_timeout": 3, "read_timeout": 5, "retries": {"total_max_attempts": 1}}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB")
    if endpoint:
        declared = counters(os.environ.get("COUNTERS", '{"resume": {}}'), "COUNTERS")
        local = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "local")
        os.environ.update({**local, "AWS_DEFAULT_REGION": "eu-west-1", **os.environ})
        table, region = os.environ.get("TABLE_NAME", "visits"), None
        options["proxies"] = {}  # whatever HTTP_PROXY says: the database is on this machine
    else:
        outputs = account.deployed()
        table, region = outputs["table_name"], outputs["region"]
        declared = counters(json.dumps(account.counters()), "counters")
    client = boto3.client("dynamodb", region_name=region, config=Config(**options))
    limit_answers(client)
    return Ledger(client, table, declared)


def counters(text: str, name: str) -> dict[str, DeclaredCounter]:
    try:
        return parse_counters(text)
    except (AttributeError, TypeError, ValueError):
        message = f'{name} must declare counters, such as {{"resume": {{}}}}, not {text}'
        raise CommandError(message) from None


if __name__ == "__main__":
    main(sys.argv[1])
