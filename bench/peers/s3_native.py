"""AWS's native S3 client, as the second edition of `aws s3 cp` can be told to use it.

    s3_native.py ENDPOINT BUCKET KEY FILE

The first edition, which is what pip has, cannot be told so; the client is the same one.
"""

import sys

import botocore.session
from s3transfer.crt import (
    BotocoreCRTCredentialsWrapper,
    BotocoreCRTRequestSerializer,
    CRTTransferManager,
    create_s3_crt_client,
)

endpoint, bucket, key, path = sys.argv[1:]
session = botocore.session.Session()
region = session.get_config_variable("region") or "us-east-1"
client = create_s3_crt_client(
    region=region,
    crt_credentials_provider=BotocoreCRTCredentialsWrapper(session.get_credentials()).to_crt_credentials_provider(),
    use_ssl=not endpoint.startswith("http:"),
)
serializer = BotocoreCRTRequestSerializer(session, {"region_name": region, "endpoint_url": endpoint})
with CRTTransferManager(client, serializer) as manager:
    manager.download(bucket, key, path).result()
