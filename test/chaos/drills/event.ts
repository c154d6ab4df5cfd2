/** An event: some set and clear it, others wait for it. */
import type { Event } from 'ipc-lab';
import { type AnyDrill, type Came, drill, linger, MARK, mustHold } from '../drill.ts';

export const eventDrill: AnyDrill = drill<{ readonly event: Event }>({
  roles: { setter: 2, waiter: 3 },
  make: (lab) => ({ event: lab.event() }),
  async act({ event }, { role, random, mark }): Promise<Came> {
    if (role === 'setter') {
      mark(MARK.inside);
      event.set();
      linger(random);
      event.clear();
      mark(MARK.outside);
    } else {
      mark(MARK.enters);
      if (random.below(4) === 0) mustHold(await event.waitAsync(), () => 'a wait without an end ended');
      else mustHold(event.wait(), () => 'a wait without an end ended');
      mark(MARK.outside);
    }
    linger(random);
    return 'through';
  },
  onlooker: ({ event }) => ({
    end(role) {
      if (role === 'waiter') event.set();
    },
  }),
});
