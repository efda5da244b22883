import {
  amdCauseVariable,
  amdStatusVariable,
  incomingCall,
  returnedFromAmd,
  returnedFromSilence,
  silenceHeard,
  simulatedVoiceVariable,
} from '../dialplan.ts';
import { soundlessCause } from '../endpoint-objects.ts';
import type { CustomerBehaviour, Refusal, Voice } from '../customers.ts';
import type { Random } from './random.ts';
import type { SimulatedSwitch } from './switch.ts';
import type { SimChannel } from './wire-types.ts';

/** From the verdict to the silence after the beep. */
const greetingMs = 4_000;
const carrierCause = { noAnswer: 19, normal: 16 };

/** Q.850 causes of the hang-up reasons that ARI knows. */
export const causeOfReason: Record<string, number> = {
  normal: 16,
  busy: 17,
  congestion: 34,
  no_answer: 19,
  timeout: 19,
  rejected: 21,
  unallocated: 1,
  normal_unspecified: 31,
  number_incomplete: 28,
  codec_mismatch: 127,
  interworking: 127,
  failure: 38,
  answered_elsewhere: 26,
};

/** How often machine detection is wrong: shares of the people, and of the machines, that it listens to. */
export interface AmdErrors {
  readonly personAsMachine: number;
  readonly machineAsPerson: number;
}

/** The called side of an outgoing call: what the people and the network at the other end do to it, over time. */
export class People {
  readonly #switch: SimulatedSwitch;
  readonly #onAnswer: () => void;
  readonly #errors: AmdErrors;
  /** Of its own, so that whom it listens to does not change who is met. */
  readonly #random: Random;
  /** How long agents let their phones ring. */
  agentAnswersAfterMs = 200;

  constructor(
    simulated: SimulatedSwitch,
    onAnswer: () => void,
    detection: { errors: AmdErrors; random: Random },
  ) {
    this.#switch = simulated;
    this.#errors = detection.errors;
    this.#random = detection.random;
    this.#onAnswer = onAnswer;
  }

  /** An agent's phone: rings, and picks itself up. */
  ringAgent(channel: SimChannel): void {
    this.#switch.later(channel, 20, () => this.#ring(channel));
    this.#switch.later(channel, this.agentAnswersAfterMs, () => this.#answer(channel));
  }

  ringCustomer(channel: SimChannel, customer: CustomerBehaviour): void {
    const sim = this.#switch;
    const { refusal, ringMs } = customer;
    if (refusal) {
      sim.later(channel, ringMs, () => this.refuse(channel, refusal));
      return;
    }
    const { earlyMediaMs } = customer;
    // A carrier says one or the other: that it rings, or that there is something to be heard.
    if (earlyMediaMs === undefined) sim.later(channel, Math.min(ringMs, 50), () => this.#ring(channel));
    else sim.later(channel, earlyMediaMs, () => sim.emitDial(channel, 'PROGRESS'));
    if (customer.silent) return;
    sim.later(channel, ringMs, () => {
      this.#answer(channel);
      this.#talk(channel, customer);
    });
  }

  /** The network says no. */
  refuse(channel: SimChannel, { cause, dialStatus, sip }: Refusal) {
    this.#switch.emitDial(channel, dialStatus);
    this.#switch.destroyChannel(channel, cause, sip);
  }

  /** Nobody picked up within the ring time that the originate allowed. */
  giveUpAfter(channel: SimChannel, ms: number): void {
    this.#switch.later(channel, ms, () => {
      if (channel.state === 'Up') return;
      this.#switch.destroyChannel(channel, carrierCause.noAnswer);
    });
  }

  /** The far end hangs up. */
  hangUp(channel: SimChannel): void {
    this.#switch.emit(channel, 'ChannelHangupRequest', { cause: carrierCause.normal });
    // Asterisk knows no cause for a BYE that brings none.
    this.#switch.destroyChannel(channel, channel.state === 'Up' ? 0 : carrierCause.normal);
  }

  /** The switch ends a leg that has brought no sound for too long. */
  soundless(channel: SimChannel): void {
    this.#switch.destroyChannel(channel, soundlessCause);
  }

  /** Our side hangs up. */
  cutOff(channel: SimChannel, reason: string): void {
    if (channel.state !== 'Up' && channel.name.startsWith('PJSIP/') && channel.appArgs[0] !== incomingCall)
      this.#switch.emitDial(channel, 'NOANSWER');
    this.#switch.destroyChannel(channel, causeOfReason[reason] ?? carrierCause.normal);
  }

  talkIncoming(channel: SimChannel, customer: CustomerBehaviour): void {
    this.#talk(channel, customer);
  }

  /** What the dialplan's AMD would make of the voice on the line, and how long it would listen. */
  detectMachine(channel: SimChannel): void {
    const voice = this.#heard(channel.customer);
    const verdicts = {
      greets: { afterMs: 1400, status: 'HUMAN', cause: 'HUMAN-800-800' },
      machine: { afterMs: 2600, status: 'MACHINE', cause: 'LONGGREETING-1500-1500' },
      silence: { afterMs: 2500, status: 'MACHINE', cause: 'INITIALSILENCE-2500-2500' },
    };
    const { afterMs, status, cause } = verdicts[voice];
    this.#switch.leaveStasis(channel);
    this.#switch.later(channel, afterMs, () => {
      channel.variables.set(amdStatusVariable, status);
      channel.variables.set(amdCauseVariable, cause);
      this.#switch.enterStasis(channel, [returnedFromAmd, status, cause]);
    });
  }

  /** A machine's greeting ends with a beep; whoever says nothing is silent at once, and a person soon waits for an answer. */
  awaitSilence(channel: SimChannel): void {
    const { voice = 'greets', talksOn = false } = channel.customer ?? {};
    const waits = { greets: 2_500, machine: greetingMs, silence: 1_500 };
    this.#switch.leaveStasis(channel);
    this.#switch.later(channel, talksOn ? 30_000 : waits[voice], () =>
      this.#switch.enterStasis(channel, [returnedFromSilence, talksOn ? 'TIMEOUT' : silenceHeard]),
    );
  }

  #heard(customer: CustomerBehaviour | null): Voice {
    const { voice = 'greets', heardAs } = customer ?? {};
    if (heardAs) return heardAs;
    if (voice === 'silence') return voice;
    const { personAsMachine, machineAsPerson } = this.#errors;
    const isWrong = this.#random() < (voice === 'greets' ? personAsMachine : machineAsPerson);
    return isWrong === (voice === 'greets') ? 'machine' : 'greets';
  }

  #ring(channel: SimChannel): void {
    if (channel.state === 'Up') return;
    this.#switch.changeState(channel, 'Ringing');
    this.#switch.emitDial(channel, 'RINGING');
  }

  #answer(channel: SimChannel): void {
    this.#onAnswer();
    if (channel.customer) channel.variables.set(simulatedVoiceVariable, channel.customer.voice);
    this.#switch.changeState(channel, 'Up');
    this.#switch.emitDial(channel, 'ANSWER');
    this.#switch.enterStasis(channel, channel.appArgs);
  }

  #talk(channel: SimChannel, customer: CustomerBehaviour): void {
    const { keys, talkMs } = customer;
    [...(keys?.digits ?? '')].forEach((digit, index) =>
      this.#switch.later(channel, (keys?.afterMs ?? 0) + index * 300, () =>
        this.#switch.emit(channel, 'ChannelDtmfReceived', { digit, duration_ms: 120 }),
      ),
    );
    if (talkMs !== null) this.#switch.later(channel, talkMs, () => this.hangUp(channel));
  }
}
