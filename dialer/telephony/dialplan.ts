/** Names that the dialplan of a configured Asterisk, the ARI adapter and the simulator have in common. */

/** The ARI application, unless the process is told another. */
export const defaultApplication = 'ringwise';

/** Channels are sent here for answering-machine detection; it returns them to Stasis with `[returnedFromAmd, status, cause]`. */
export const amdContext = 'ringwise-amd';
/** Channels are sent here until whoever is on the line has been silent for a while; it returns them with `[returnedFromSilence, status]`. */
export const silenceContext = 'ringwise-silence';
/** Calls from trunks arrive here; it hands them to Stasis with `[incomingCall, dialled number]`. */
export const incomingContext = 'ringwise-incoming';
/** Agents' phones land here when they dial; the product rings agents, so nothing may be dialled from it but their echo. */
export const agentContext = 'ringwise-agents';
/** What an agent's phone may dial: it hears itself. */
export const echoExtension = 'echo';

/** Where the dialplan keeps what detection has made of the voice: `HUMAN`, `MACHINE`, or that it does not know. */
export const amdStatusVariable = 'AMDSTATUS';
/** And why, in its own words. */
export const amdCauseVariable = 'AMDCAUSE';
/** Anything else: it does not know. */
export const amdResults: Readonly<Record<string, 'human' | 'machine'>> = {
  HUMAN: 'human',
  MACHINE: 'machine',
};

/** The application a channel returns to, set on each channel originated, so that cells can share a dialplan. */
export const applicationVariable = 'RINGWISE_APP';

/** Arguments of the dialplan's AMD, set on a channel before it leaves; unset: as it is shipped. */
export const amdVariable = 'RINGWISE_AMD';
/** What the simulator's customer is: robots hear it by this. A real switch does not have it. */
export const simulatedVoiceVariable = 'RINGWISE_SIMULATED_VOICE';

/** First Stasis arguments: why a channel entered the application. */
export const originatedCall = 'originated';
export const incomingCall = 'incoming';
export const snooping = 'snoop';
export const returnedFromAmd = 'amd';
export const returnedFromSilence = 'silence';
/** The status where it was silent; any other: it was not, in time. */
export const silenceHeard = 'SILENCE';
