"""STS: who the caller is. No credentials are issued, because none are checked."""

from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.service import Service
from pocketbus.emulator.arn import Arn

sts = Service("sts")


@sts.operation
def get_caller_identity(call: Call) -> dict[str, Any]:
    account, region = call.scope.account, call.scope.region
    # IAM is global: its ARNs have the partition of the region, not the region.
    arn = Arn.of("iam", region, account, "root")._replace(region="")
    return {"Arn": str(arn), "UserId": account, "Account": account}
