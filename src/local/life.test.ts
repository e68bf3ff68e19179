import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { after, isHung, type Life, type LifeEvent, newLife, restartPause } from './life.ts';

const started: LifeEvent = { kind: 'started' };
const ended: LifeEvent = { kind: 'ended' };
const stop: LifeEvent = { kind: 'stop' };
const stopped: LifeEvent = { kind: 'stopped' };
const unconnected: LifeEvent = { kind: 'unconnected' };
const ready: LifeEvent = { kind: 'probed', result: 'ready' };
const refused: LifeEvent = { kind: 'probed', result: 'refused' };
const slow: LifeEvent = { kind: 'probed', result: 'slow' };

function lived(events: readonly LifeEvent[], step = 1000): Life {
  return events.reduce((life, event, index) => after(life, event, index * step), newLife);
}

const stories: readonly { name: string; events: LifeEvent[]; state: Life['state']; restarts?: number }[] = [
  { name: 'a server starts', events: [started], state: 'starting' },
  { name: 'a server that is not ready yet keeps starting', events: [started, refused], state: 'starting' },
  { name: 'a ready server is healthy', events: [started, refused, ready], state: 'healthy' },
  { name: 'a server that says no leaves at once', events: [started, ready, refused], state: 'unhealthy' },
  { name: 'one late answer is forgiven', events: [started, ready, slow], state: 'healthy' },
  { name: 'two late answers in a row are not', events: [started, ready, slow, slow], state: 'unhealthy' },
  {
    name: 'an answer between late ones counts',
    events: [started, ready, slow, ready, slow],
    state: 'healthy',
  },
  {
    name: 'a refused connection takes it out at once',
    events: [started, ready, unconnected],
    state: 'unhealthy',
  },
  { name: 'the probe brings it back', events: [started, ready, unconnected, ready], state: 'healthy' },
  { name: 'an end is followed by a restart', events: [started, ready, ended], state: 'restarting' },
  {
    name: 'a restarted server is restarting until it is ready',
    events: [started, ready, ended, started, refused],
    state: 'restarting',
    restarts: 1,
  },
  {
    name: 'then it is healthy and the restart is counted',
    events: [started, ready, ended, started, ready],
    state: 'healthy',
    restarts: 1,
  },
  { name: 'a stop ends the story', events: [started, ready, stop, ready, ended], state: 'stopping' },
  {
    name: 'and then it is stopped for good',
    events: [started, stop, stopped, ready, stop],
    state: 'stopped',
  },
];

for (const { name, events, state, restarts = 0 } of stories) {
  test(name, () => {
    const life = lived(events);
    assert.equal(life.state, state);
    assert.equal(life.restarts, restarts);
  });
}

test('pauses double from 100 ms to 10 s while a server keeps ending', () => {
  let life = newLife;
  const pauses = Array.from({ length: 9 }, () => {
    life = after(after(life, started, 0), ended, 0);
    return restartPause(life);
  });
  assert.deepEqual(pauses, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
});

test('sixty seconds of health, and no less, make the next pause the first again', () => {
  const worn = lived([started, ended, started, ended, started, ready], 0);
  assert.equal(restartPause(after(worn, ended, 59_999)), 400);
  assert.equal(restartPause(after(worn, ended, 60_000)), 100);
});

test('ten late answers in a row are a hung process, but not while it has yet to become ready', () => {
  const late = (count: number): LifeEvent[] => Array.from({ length: count }, () => slow);
  assert.ok(!isHung(lived([started, ready, ...late(9)])));
  assert.ok(isHung(lived([started, ready, ...late(10)])));
  assert.ok(!isHung(lived([started, ready, ...late(9), refused, slow])));
  assert.ok(!isHung(lived([started, ...late(50)])));
  assert.ok(!isHung(lived([started, ready, ended, started, ...late(50)])));
});

const anyEvent = fc.constantFrom(started, ended, stop, unconnected, ready, refused, slow);

test('restarts never fall, only a ready probe makes healthy, and nothing returns from a stop', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), events => {
      let life = newLife;
      for (const [now, event] of events.entries()) {
        const next = after(life, event, now);
        assert.ok(next.restarts >= life.restarts);
        if (next.state === 'healthy' && life.state !== 'healthy') assert.equal(event, ready);
        if (life.state === 'stopping') assert.equal(next.state, 'stopping');
        assert.equal(next.healthySince !== undefined, next.state === 'healthy');
        life = next;
      }
    }),
  );
});
