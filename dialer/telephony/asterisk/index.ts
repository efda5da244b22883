/** Configuring, provisioning and examining an Asterisk. Not part of the port: for the command line and for tests. */
export { asteriskConfig, usualSettings, type AsteriskSettings } from '../asterisk-config.ts';
export { espeak, SpeechError, type Speech } from '../speech.ts';
export { checkAsterisk, type Finding } from './check.ts';
export { AsteriskInstance } from './instance.ts';
export { isSetUp, ownInstance, type OwnChoices } from './own.ts';
export { filesInTheWay, writeConfigFolder } from './own-config.ts';
export { ensureTool, provision } from './provision.ts';
export { asteriskRoot, isProvisioned, obstacle } from './root.ts';
export { installSounds, usualIdentification } from './sounds.ts';
