import { afterEach, beforeEach, describe, it } from 'mocha';
import { createCellStore } from '../../../dialer/cells/cell-store.ts';
import { createPacer } from '../../../dialer/pacing/index.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';

describe('leads that several dialers call', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  let told: (number | undefined)[];

  beforeEach(async () => {
    told = [];
    rig = await dialerRig({
      dialer: {
        pacerFactory(settings, past) {
          const pacer = createPacer(settings, past);
          return {
            observe: (event) => pacer.observe(event),
            decide(now, limits) {
              told.push(limits?.leadsLeft);
              return { ...pacer.decide(now, limits), launch: 0 };
            },
          };
        },
      },
    });
  });
  afterEach(() => rig.close());

  it('are spent ahead of by each dialer for its part alone', async () => {
    const agent = await rig.agent('ann');
    const numbers = ['05', '06', '07', '08', '09', '10'].map((ending) => `+141555501${ending}`);
    await rig.campaign({
      ...{ numbers, mode: 'predictive', trunkIds: [await rig.trunk('First')], agentIds: [agent] },
    });
    await rig.dialer.start();
    await rig.ready(agent);
    await rig.until('one has all of them', () => told.at(-1) === 6);
    await createCellStore(rig.app).begin(
      { id: 'other', run: 'r', switchUrl: null },
      rig.app.clock.now() + 600_000,
    );
    await rig.until('one of two has half', () => told.at(-1) === 3, 60_000);
  });
});
