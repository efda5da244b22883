const nowSamples = 512;
const nothing = new Float32Array(0);

/** Loudness of streams, for the meters. Sound must be attached to an audio element as well, or it reads as silence. */
export class LevelMeter {
  #context: AudioContext | null = null;
  readonly #taps = new Map<string, { source: MediaStreamAudioSourceNode; analyser: AnalyserNode }>();
  /** At 48 kHz the last 0.7 s. */
  readonly #samples = new Float32Array(32_768);

  attach(name: string, stream: MediaStream): void {
    this.detach(name);
    const context = (this.#context ??= new AudioContext());
    // Browsers keep an audio context asleep until the first key or click on the page.
    if (context.state === 'suspended') void context.resume().catch(() => undefined);
    const source = context.createMediaStreamSource(stream);
    const analyser = context.createAnalyser();
    analyser.fftSize = this.#samples.length;
    source.connect(analyser);
    this.#taps.set(name, { source, analyser });
  }

  detach(name: string): void {
    const tap = this.#taps.get(name);
    tap?.source.disconnect();
    tap?.analyser.disconnect();
    this.#taps.delete(name);
  }

  get running(): boolean {
    return this.#context?.state === 'running';
  }

  wake(): void {
    if (this.#context?.state === 'suspended') void this.#context.resume().catch(() => undefined);
  }

  /** 0 (silence) to 1, on a scale of decibels from -60 to 0 so that speech moves the bar. */
  level(name: string): number {
    const now = this.#look(name).subarray(-nowSamples);
    let sum = 0;
    for (const sample of now) sum += sample * sample;
    const rms = now.length === 0 ? 0 : Math.sqrt(sum / now.length);
    return rms === 0 ? 0 : Math.max(0, Math.min(1, (20 * Math.log10(rms) + 60) / 60));
  }

  /** Whether there was anything but digital silence in the last half second: a quiet room is something. */
  heard(name: string): boolean {
    return this.#look(name).some((sample) => sample !== 0);
  }

  #look(name: string): Float32Array {
    const tap = this.#taps.get(name);
    if (!tap) return nothing;
    tap.analyser.getFloatTimeDomainData(this.#samples);
    return this.#samples;
  }

  close(): void {
    for (const name of [...this.#taps.keys()]) this.detach(name);
    void this.#context?.close().catch(() => undefined);
    this.#context = null;
  }
}
