import type { Recorder } from '../recordings/recorder.ts';
import { soundlessCause, soundlessMs } from '../telephony/endpoint-objects.ts';
import type { TelephonyEvent } from '../telephony/telephony.ts';
import type { Actions } from './actions.ts';
import type { AgentPhones } from './agent-phones.ts';
import type { Announcer } from './announcer.ts';
import type { Answering } from './answering.ts';
import type { ConsultLegs } from './consult-legs.ts';
import type { DialerContext } from './context.ts';
import type { Dialling } from './dialling.ts';
import type { MachineMessages } from './machine-messages.ts';
import type { Monitors } from './monitors.ts';
import type { SwitchLink } from './switch-link.ts';

export interface SwitchEventParts {
  readonly link: SwitchLink;
  readonly phones: AgentPhones;
  readonly dialling: Dialling;
  readonly answering: Answering;
  readonly legs: ConsultLegs;
  readonly announcer: Announcer;
  readonly messages: MachineMessages;
  readonly recorder: Recorder;
  readonly monitors: Monitors;
}

/** Brings each event of the switch to whom it concerns, by the owner of its channel. */
export class SwitchEvents {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #parts: SwitchEventParts;

  constructor(ctx: DialerContext, actions: Actions, parts: SwitchEventParts) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#parts = parts;
  }

  /** Every event of the switch comes in here. */
  handle(event: TelephonyEvent): void {
    switch (event.type) {
      case 'up':
        return this.#parts.link.cameUp();
      case 'down':
        this.#parts.announcer.linkCut();
        return this.#parts.link.wentDown(event.why, event.notRunning);
      case 'endpoint':
        return event.online ? this.#parts.phones.endpointOnline(event.endpoint) : undefined;
      case 'playback-finished':
        this.#parts.messages.playbackFinished(event.playbackId, event.failed);
        return this.#parts.announcer.playbackFinished(event.playbackId, event.failed);
      case 'recording-finished':
        return this.#parts.recorder.finished(event.name, event.failed, event.durationMs);
      case 'started':
        return event.incoming ? this.#refuseIncoming(event.channelId) : undefined;
      case 'bridged':
        return this.#bridged(event.channelId, event.bridgeId);
      case 'ringing':
      case 'progress':
      case 'answered':
      case 'amd':
      case 'silence':
      case 'dtmf':
      case 'ended':
        return this.#onChannel(event);
      default:
        return undefined;
    }
  }

  #bridged(channelId: string, bridgeId: string): void {
    const owner = this.#ctx.channels.owner(channelId);
    const live = owner?.kind === 'call' ? this.#ctx.calls.get(owner.callId) : undefined;
    if (live) this.#parts.answering.bridged(live, channelId, bridgeId);
  }

  #onChannel(
    event: Extract<
      TelephonyEvent,
      { type: 'ringing' | 'progress' | 'answered' | 'amd' | 'silence' | 'dtmf' | 'ended' }
    >,
  ): void {
    const { channels, calls, agents } = this.#ctx;
    const { channelId } = event;
    const owner = event.type === 'ended' ? channels.gone(channelId) : channels.owner(channelId);
    if (!owner || owner.kind === 'stray') return;
    if (owner.kind === 'test') {
      if (event.type === 'answered') owner.answered();
      if (event.type === 'ended') owner.ended(event);
      return;
    }
    if (owner.kind === 'monitor') {
      if (event.type === 'answered') this.#parts.monitors.answered(owner.by, channelId);
      if (event.type === 'ended') this.#parts.monitors.ended(owner.by, channelId);
      return;
    }
    if (owner.kind === 'agent') {
      const live = agents.get(owner.userId);
      if (live && event.type === 'answered') this.#parts.phones.answered(live, channelId);
      if (live && event.type === 'ended') {
        const soundlessSince = event.cause === soundlessCause ? event.at - soundlessMs : undefined;
        this.#parts.phones.lost(live, channelId, soundlessSince);
      }
      return;
    }
    const live = calls.get(owner.callId);
    if (!live) {
      if (event.type === 'answered') channels.drop(channelId);
      return;
    }
    switch (event.type) {
      case 'ringing':
        return this.#parts.dialling.ringing(live, channelId);
      case 'progress':
        return this.#parts.dialling.earlyMedia(live, channelId);
      case 'answered':
        this.#parts.dialling.answered(live, owner.trunkId);
        if (live.call.parentId !== null) return this.#parts.legs.answered(live, channelId);
        return this.#parts.answering.answered(live, channelId);
      case 'amd':
        return this.#actions.detected(live, event.result, event.cause);
      case 'silence':
        return this.#parts.messages.silence(live, event.heard);
      case 'dtmf':
        this.#parts.messages.pressed(live, event.digit);
        return this.#parts.announcer.pressed(live, event.digit);
      case 'ended':
        if (live.channelId !== channelId || live.call.state === 'ended') return;
        if (live.call.state === 'dialing' || live.call.state === 'ringing')
          return this.#parts.dialling.unanswered(live, owner.trunkId, event);
        if (live.call.state === 'messaging') return this.#parts.messages.hungUp(live, event.cause);
        return this.#actions.end(live, 'answered', 'customer', event.cause);
    }
  }

  /** Nobody takes calls from outside yet: the caller hears busy instead of silence. */
  #refuseIncoming(channelId: string): void {
    this.#ctx.telephony.hangup(channelId, 'busy').catch(() => {});
  }
}
