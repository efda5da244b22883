import { Visitor } from '../support/visitor.ts';
import { password } from '../../test/system/support/office.ts';
import type { House } from './house.ts';

const minuteMs = 60_000;

/** Somebody looks at every page that shows what goes on, leaves them open for ten minutes of each hour, and goes. */
export class Supervisors {
  readonly #house: House;
  #stops: (() => void)[] = [];
  seen = { pages: 0, events: 0 };

  constructor(house: House) {
    this.#house = house;
  }

  /** To be called each minute of the app's time. */
  async look(now: number): Promise<void> {
    const minute = Math.floor(now / minuteMs) % 60;
    if (minute === 20) await this.come();
    if (minute === 30) this.leave();
  }

  leave(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  async come(): Promise<void> {
    const visitor = new Visitor(`http://localhost:${this.#house.product.port}`);
    await visitor.signIn(this.#house.supervisor, password);
    const campaigns = this.#house.shifts.map(({ campaignId }) => `/campaigns/${campaignId}`);
    const pages = [
      '/floor',
      '/campaigns',
      '/recordings',
      ...campaigns.flatMap((at) => [at, `${at}/dashboard`]),
    ];
    for (const path of pages) {
      const { status } = await visitor.get(path);
      if (status !== 200) throw new Error(`${path} answered ${status}`);
      this.seen.pages += 1;
    }
    for (const path of ['/floor/events', ...campaigns.map((at) => `${at}/dashboard/events`)])
      this.#stops.push(await visitor.listen(path, () => (this.seen.events += 1)));
  }
}
