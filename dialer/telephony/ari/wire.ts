/** The parts of ARI's JSON that the adapter reads. */

export interface AriChannel {
  id: string;
  name: string;
  state: string;
  caller: { name: string; number: string };
  dialplan?: { exten: string; app_name?: string; app_data?: string };
  creationtime: string;
}

export interface AriBridge {
  id: string;
  bridge_type: string;
  channels: string[];
}

export interface AriEndpoint {
  technology: string;
  resource: string;
  /** `online`, `offline` or `unknown`. */
  state: string | null;
  channel_ids: string[];
}

export interface AriPlayback {
  id: string;
  media_uri: string;
  state: string;
}

export interface AriRecording {
  name: string;
  format: string;
  state: string;
  duration?: number;
}

/** Any event; which fields are there depends on `type`. */
export interface AriEvent {
  type: string;
  application?: string;
  timestamp?: string;
  channel?: AriChannel;
  peer?: AriChannel;
  bridge?: AriBridge;
  device_state?: { name: string; state: string };
  playback?: AriPlayback;
  recording?: AriRecording;
  args?: string[];
  digit?: string;
  cause?: number;
  /** Of a PJSIP channel the SIP status that ended it; not every version of Asterisk tells it. */
  tech_cause?: number;
  dialstatus?: string;
}
