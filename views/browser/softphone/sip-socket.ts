import { WebSocketInterface } from 'jssip';

/** A browser itself waits for minutes on a switch, or a middlebox before it, that takes connections and says nothing. */
const openWithinMs = 6_000;

/** The WebSocket to the switch, given up and opened anew where the handshake is not answered in time. */
export class SipSocket extends WebSocketInterface {
  #timer: ReturnType<typeof setTimeout> | undefined;

  override connect(): void {
    super.connect();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(), openWithinMs);
  }

  override disconnect(): void {
    clearTimeout(this.#timer);
    super.disconnect();
  }

  #giveUp(): void {
    if (!this.isConnecting()) return;
    super.disconnect();
    this.ondisconnect(true, 1006, 'no answer to the handshake');
  }
}
