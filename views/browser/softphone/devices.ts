import type { DeviceChoice, DeviceKind, DeviceLists, PhoneDevices } from './phone.ts';

const storageKey = 'ringwise.devices';
const none: DeviceChoice = { microphone: '', speaker: '', ring: '' };

/** The agent's choice of devices, kept in this browser: another desk has another headset. */
export class Devices implements PhoneDevices {
  #chosen: DeviceChoice;
  readonly #apply: (kind: DeviceKind, deviceId: string) => Promise<void>;
  readonly #ring: () => void;

  constructor(apply: (kind: DeviceKind, deviceId: string) => Promise<void>, ring: () => void) {
    this.#apply = apply;
    this.#ring = ring;
    this.#chosen = load();
  }

  get chosen(): DeviceChoice {
    return this.#chosen;
  }

  async choose(kind: DeviceKind, deviceId: string): Promise<void> {
    await this.#apply(kind, deviceId);
    this.#chosen = { ...this.#chosen, [kind]: deviceId };
    try {
      localStorage.setItem(storageKey, JSON.stringify(this.#chosen));
    } catch {
      // Storage full or forbidden: the choice holds until the page is closed.
    }
  }

  async list(): Promise<DeviceLists> {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    const of = (kind: MediaDeviceKind) =>
      devices
        .filter((device) => device.kind === kind && device.deviceId && device.deviceId !== 'default')
        .map((device) => ({ id: device.deviceId, label: device.label || device.deviceId.slice(0, 8) }));
    return {
      microphones: of('audioinput'),
      speakers: of('audiooutput'),
      canChooseSpeaker: 'setSinkId' in HTMLMediaElement.prototype,
    };
  }

  /** The chosen outputs, where they are there; else the system's. */
  async useOutputs(): Promise<void> {
    const { speakers } = await this.list();
    for (const kind of ['speaker', 'ring'] as const) {
      const there = speakers.some(({ id }) => id === this.#chosen[kind]);
      await this.#apply(kind, there ? this.#chosen[kind] : '').catch(() => undefined);
    }
  }

  testRing(): void {
    this.#ring();
  }
}

/** Where it is to ring; empty: at the system's output. */
export function ringDevice(): string {
  return load().ring;
}

function load(): DeviceChoice {
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<DeviceChoice>;
    return { ...none, ...stored };
  } catch {
    return none;
  }
}
