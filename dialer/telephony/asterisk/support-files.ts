import { confFile } from '../config/conf-file.ts';

/**
 * The files of an Asterisk of our own beside those of `asteriskConfig`: a firm's Asterisk has its own, which the
 * product leaves alone. `base` is the folder of the instance as Asterisk sees it.
 */
export function supportFiles(base: string, modulesFolder: string): Record<string, string> {
  return {
    'asterisk.conf': asteriskConf(base, modulesFolder),
    'indications.conf': confFile('Tones.', [
      { name: 'general', values: { country: 'us' } },
      {
        name: 'us',
        values: {
          description: 'North America',
          ringcadence: '2000,4000',
          dial: '350+440',
          busy: '480+620/500,0/500',
          ring: '440+480/2000,0/4000',
          congestion: '480+620/250,0/250',
          callwaiting: '440/300,0/10000',
          record: '1400/500,0/15000',
        },
      },
    ]),
    'manager.conf': confFile('The old remote control is off.', [
      { name: 'general', values: { enabled: 'no' } },
    ]),
    'cdr.conf': confFile('The product keeps its own records.', [
      { name: 'general', values: { enable: 'no' } },
    ]),
    'cel.conf': confFile('The product keeps its own records.', [
      { name: 'general', values: { enable: 'no' } },
    ]),
    'res_http_media_cache.conf': confFile('Sounds fetched by HTTP.', [
      { name: 'general', values: { timeout_secs: '10', follow_location: 'no' } },
    ]),
    // Asterisk complains loudly of each of these that is not there.
    ...Object.fromEntries(
      ['ccss', 'codecs', 'features', 'stasis', 'udptl'].map((name) => [
        `${name}.conf`,
        confFile('Nothing but what Asterisk has by itself.', [{ name: 'general', values: {} }]),
      ]),
    ),
    ...Object.fromEntries(
      ['acl', 'pjproject', 'websocket_client'].map((name) => [
        `${name}.conf`,
        confFile('Nothing but what Asterisk has by itself.', []),
      ]),
    ),
  };
}

function asteriskConf(base: string, modulesFolder: string): string {
  return confFile('Folders of this instance, and of no other.', [
    {
      name: 'directories',
      values: {
        astetcdir: `${base}/etc`,
        astmoddir: modulesFolder,
        astvarlibdir: `${base}/var`,
        astdbdir: `${base}/var`,
        astkeydir: `${base}/var`,
        astdatadir: `${base}/data`,
        astagidir: `${base}/var`,
        astspooldir: `${base}/spool`,
        astrundir: `${base}/run`,
        astlogdir: `${base}/log`,
        astcachedir: `${base}/cache`,
        astsbindir: '/usr/sbin',
      },
    },
    {
      name: 'options',
      values: { hideconnect: 'yes', live_dangerously: 'no', documentation_language: 'en_US' },
    },
  ]);
}
