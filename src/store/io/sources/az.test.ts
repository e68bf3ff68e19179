import { noAz, placeInAz } from '../../fixtures/az-container.ts';
import { everything } from '../../fixtures/scheme.ts';
import { sourceCases } from '../../port.cases.ts';

sourceCases({ name: 'az://', can: everything, skip: noAz, place: placeInAz });
