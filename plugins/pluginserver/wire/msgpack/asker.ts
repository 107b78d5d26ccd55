import type { PhaseEvent } from '../../session/phase-event.ts'

/** Who asked one question of a phase: Kong waits on its connection until `answer`. */
export interface Asker {
  /** From now on, the event is to be abandoned if the connection goes away. */
  wait(event: PhaseEvent): void
  /** Sends what Kong shall do next, as MessagePack, and ends the wait. */
  answer(event: PhaseEvent, data: Uint8Array): void
}
