import { CampaignsDialog } from '../floor/campaigns-dialog.ts';
import { Floor } from '../floor/floor.ts';
import { MessageDialog } from '../floor/message-dialog.ts';
import { Panel } from '../floor/panel.ts';

const floor = new Floor();
new Panel(floor, {
  messages: new MessageDialog(() => floor.campaigns),
  campaigns: new CampaignsDialog(),
});
floor.start();
