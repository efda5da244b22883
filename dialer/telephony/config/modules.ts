/**
 * The modules of Asterisk that the product needs, and what for. Nothing else is loaded where the product writes
 * modules.conf: what is not there cannot be attacked, and Asterisk is up in two seconds.
 */
export const neededModules: Readonly<Record<string, readonly string[]>> = {
  'remote control by ARI': [
    'res_http_websocket',
    'res_websocket_client',
    'res_stasis',
    'res_stasis_answer',
    'res_stasis_device_state',
    'res_stasis_playback',
    'res_stasis_recording',
    'res_stasis_snoop',
    'res_ari',
    'res_ari_model',
    'res_ari_applications',
    'res_ari_asterisk',
    'res_ari_bridges',
    'res_ari_channels',
    'res_ari_device_states',
    'res_ari_endpoints',
    'res_ari_events',
    'res_ari_playbacks',
    'res_ari_recordings',
    'res_ari_sounds',
    'app_stasis',
  ],
  'SIP trunks': [
    'res_sorcery_config',
    'res_sorcery_memory',
    'res_sorcery_astdb',
    'res_pjproject',
    'res_pjsip',
    'res_pjsip_pubsub',
    'res_pjsip_session',
    'res_pjsip_sdp_rtp',
    'res_pjsip_caller_id',
    'res_pjsip_nat',
    'res_pjsip_registrar',
    'res_pjsip_outbound_registration',
    'res_pjsip_authenticator_digest',
    'res_pjsip_outbound_authenticator_digest',
    'res_pjsip_endpoint_identifier_ip',
    'res_pjsip_endpoint_identifier_user',
    'res_pjsip_endpoint_identifier_anonymous',
    'res_pjsip_dtmf_info',
    'res_pjsip_rfc3326',
    'res_pjsip_header_funcs',
    'res_pjsip_logger',
    'chan_pjsip',
    'res_rtp_asterisk',
  ],
  'the state of registrations': ['res_prometheus'],
  'agents in the browser': [
    'res_crypto',
    'res_srtp',
    'res_pjsip_transport_websocket',
    'res_format_attr_opus',
    'codec_opus_open_source',
  ],
  'bridges and whispering': [
    'bridge_simple',
    'bridge_softmix',
    'bridge_holding',
    'bridge_builtin_features',
    'chan_bridge_media',
  ],
  'sound and recordings': [
    'codec_ulaw',
    'codec_alaw',
    'codec_a_mu',
    'codec_gsm',
    'codec_g722',
    'codec_resample',
    'format_wav',
    'format_gsm',
    'format_pcm',
    'format_sln',
    'res_musiconhold',
    'res_timing_timerfd',
    'res_curl',
    'res_http_media_cache',
  ],
  'dialplan and machine detection': [
    'pbx_config',
    'app_amd',
    'app_waitforsilence',
    'app_echo',
    'app_dial',
    'app_playback',
    'app_verbose',
    'app_stack',
    'func_callerid',
    'func_channel',
    'func_dialplan',
    'func_logic',
    'func_strings',
    'func_timeout',
    'func_uri',
  ],
};

/** Names that a build may lack without harm: another module does their work, or Asterisk has it built in. */
const dispensable = new Set([
  // For a dialplan of the firm's own beside ours.
  'app_dial',
  'app_playback',
  'app_verbose',
  'app_stack',
  'func_strings',
  'func_uri',
  // For agents who test their phones.
  'app_echo',
  'func_timeout',
  // Without it nobody is told that a carrier refuses a registration.
  'res_prometheus',
  // Asterisk 20 has none of it.
  'res_websocket_client',
  'codec_opus_open_source',
  'bridge_builtin_features',
  'res_pjsip_logger',
  'codec_a_mu',
  'res_curl',
  'res_http_media_cache',
]);

/** One of a kind is enough. */
export const timingModules: readonly string[] = [
  'res_timing_timerfd',
  'res_timing_kqueue',
  'res_timing_pthread',
  'res_timing_dahdi',
];

export function isDispensable(module: string): boolean {
  return dispensable.has(module);
}
