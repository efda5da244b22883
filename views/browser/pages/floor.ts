import { CampaignsDialog } from '../floor/campaigns-dialog.ts';
import { Floor } from '../floor/floor.ts';
import { MessageDialog } from '../floor/message-dialog.ts';
import { Monitoring } from '../floor/monitoring.ts';
import { Panel } from '../floor/panel.ts';

const floor = new Floor();
new Panel(floor, {
  messages: new MessageDialog(() => floor.campaigns),
  campaigns: new CampaignsDialog(),
  monitoring: new Monitoring(floor),
});
floor.start();
