import { Floor } from '../floor/floor.ts';

new Floor().start();
