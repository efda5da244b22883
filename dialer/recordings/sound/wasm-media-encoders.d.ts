/** What is used of the encoder. */
declare module 'wasm-media-encoders' {
  export interface Mp3Encoder {
    configure(params: { sampleRate: number; channels: 1 | 2; bitrate: number }): void;
    /** One array a channel, -1 to 1. What comes back lies in the encoder's memory, until the next call. */
    encode(samples: readonly Float32Array[]): Uint8Array;
    finalize(): Uint8Array;
  }
  export function createMp3Encoder(): Promise<Mp3Encoder>;
}
