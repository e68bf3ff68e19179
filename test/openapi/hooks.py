"""What a schema cannot say of a request, and so has to be seen to here."""

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import positive_data_acceptance

HEADER = "Inference-Header-Content-Length"
UNKNOWN = "x-schemathesis-unknown-property"

# It has one input, of no free size, so that a schema can say which lists go with its shape.
EXACT = "/v2/models/fixed/infer"


@schemathesis.hook
def before_call(context, case, kwargs):
    """The header must be the length of the JSON in the body. Unless it is what is under test, it is left out."""
    headers = case.headers or {}
    if HEADER in headers and not case.meta.is_negative_at(ParameterLocation.HEADER):
        del headers[HEADER]


@schemathesis.hook
def filter_case(context, case):
    """HTTP lets a client send headers that nobody has heard of: such a request is not a bad one."""
    return UNKNOWN not in (case.headers or {})


@schemathesis.check
def json_acceptance(ctx, response, case):
    """Of infer requests only those in JSON can be told to be good: bytes have no schema."""
    if case.operation.path != EXACT or case.media_type != "application/json":
        return None
    return positive_data_acceptance(ctx, response, case)
