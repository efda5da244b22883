/**
 * The three kinds of process for PM2, from the project's folder:
 *
 *     pm2 start ecosystem.config.js
 *
 * They need one MariaDB or MySQL and one Redis in common: set DATABASE_URL, REDIS_URL, ASTERISK_* and DATA_DIR in the
 * environment or in DATA_DIR/ringwise.env. Build before with bin/setup.
 */

/** Above the 25 s in which a process finishes what is under way. */
const killTimeout = 30_000;

/** Names the dialer of this environment, where there are several. */
const cell = process.env.DIALER_ID;

const common = {
  script: 'dist/bin/serve.js',
  node_args: '--enable-source-maps',
  kill_timeout: killTimeout,
  wait_ready: true,
  listen_timeout: 60_000,
  exp_backoff_restart_delay: 200,
  time: false,
};

export const apps = [
  {
    ...common,
    name: 'ringwise-web',
    args: '--role web',
    exec_mode: 'cluster',
    instances: Number(process.env.WEB_INSTANCES ?? 2),
  },
  {
    ...common,
    name: 'ringwise-worker',
    args: '--role worker',
    exec_mode: 'fork',
    instances: 1,
  },
  {
    ...common,
    // Exactly one for each Asterisk: an ARI application has one owner, and a second would silently take its events.
    // Another cell is another of these, with its own ASTERISK_* and a name of its own in DIALER_ID (see README.md).
    name: cell ? `ringwise-dialer-${cell}` : 'ringwise-dialer',
    args: '--role dialer',
    exec_mode: 'fork',
    instances: 1,
  },
];
