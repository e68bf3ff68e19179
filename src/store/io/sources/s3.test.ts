import { noS3, placeInS3 } from '../../fixtures/s3-bucket.ts';
import { everything } from '../../fixtures/scheme.ts';
import { sourceCases } from '../../port.cases.ts';

sourceCases({ name: 's3://', can: everything, skip: noS3, place: placeInS3 });
