import { MicrophoneError } from './microphone-error.ts';
import type { MicrophoneProblem } from './phone.ts';

/** Opens that microphone; the system's default for an empty id. @throws MicrophoneError */
export async function openMicrophone(deviceId: string): Promise<MediaStream> {
  // Undefined wherever the page is not a secure context.
  if (!navigator.mediaDevices?.getUserMedia) throw new MicrophoneError('insecure');
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: constraints(deviceId), video: false });
  } catch (error) {
    throw new MicrophoneError(problemOf(error));
  }
}

function constraints(deviceId: string): MediaTrackConstraints {
  return {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
  };
}

function problemOf(error: unknown): MicrophoneProblem {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'blocked';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}

/** Calls back when somebody changes the microphone permission of this page, where the browser tells. */
export async function watchPermission(listener: (allowed: boolean) => void): Promise<void> {
  try {
    const status = await navigator.permissions.query({ name: 'microphone' as PermissionName });
    status.addEventListener('change', () => listener(status.state === 'granted'));
  } catch {
    // Firefox does not know this permission by name; there the button "try again" is the way.
  }
}
