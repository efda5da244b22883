/**
 * What is known to be wrong or missing in libphonenumber's map, one rule a line:
 *   `+ PREFIXES : ZONES`  adds zones to the prefix and all longer ones below it
 *   `= PREFIXES : ZONES`  replaces the zones of the prefix; longer ones below it stay
 *   `! PREFIXES : ZONES`  replaces them, and forgets the longer ones
 *   `~ PREFIXES`          area codes laid over each other: each gets the union of all
 * The rules are applied from top to bottom.
 */
export const numberCorrections = `
# North America: wrong entries
= 1689 : America/New_York
= 1474 : America/Regina
= 1907 : America/Adak America/Anchorage America/Juneau
= 1709 1879 : America/Halifax America/St_Johns
= 1867 : America/Cambridge_Bay America/Edmonton America/Iqaluit America/Rankin_Inlet America/Whitehorse
# Peace River and Creston keep one offset all year
+ 1250 : America/Dawson_Creek
# Central Time counties of the plateau are served from 423; Malheur County, Oregon from 541
~ 1423 1729
~ 1208 1986
~ 1270 1364
~ 1541 1458
~ 1812 1930
~ 1850 1448
~ 1250 1236 1257 1672 1778
~ 1418 1273 1367 1581
# Area codes taken into service after the map was made
= 1436 : America/New_York
= 1465 : America/New_York
= 1624 : America/New_York
= 1679 : America/New_York
= 1457 : America/Chicago
= 1471 : America/Chicago
= 1483 : America/Chicago
= 1621 : America/Chicago
= 1861 : America/Chicago
= 1924 : America/Chicago
= 1357 : America/Los_Angeles
= 1837 : America/Los_Angeles
# Russia and Kazakhstan share +7; Kazakhstan has had one zone since 2024
! 76 77 : Asia/Almaty
= 7 : Asia/Irkutsk Asia/Kamchatka Asia/Krasnoyarsk Asia/Magadan Asia/Omsk Asia/Vladivostok Asia/Yakutsk Asia/Yekaterinburg Europe/Kaliningrad Europe/Moscow Europe/Samara
! 79 780 : Asia/Irkutsk Asia/Kamchatka Asia/Krasnoyarsk Asia/Magadan Asia/Omsk Asia/Vladivostok Asia/Yakutsk Asia/Yekaterinburg Europe/Kaliningrad Europe/Moscow Europe/Samara
+ 7800 : Asia/Almaty
= 7401 : Europe/Kaliningrad
= 7845 : Europe/Saratov
= 7840 : Europe/Moscow
+ 7411 : Asia/Vladivostok Asia/Magadan
# Mexico: Chihuahua has had Central Time since 2022; the states along the border keep the neighbour's summer time
= 52614 52621 52625 52627 52628 52629 52635 52636 52639 52648 52649 52652 52659 : America/Chihuahua
= 52656 : America/Ciudad_Juarez
= 521 : America/Cancun America/Chihuahua America/Ciudad_Juarez America/Hermosillo America/Matamoros America/Mazatlan America/Mexico_City America/Ojinaga America/Tijuana
# Brazil: area codes; mobiles have them too
= 55 : America/Manaus America/Noronha America/Rio_Branco America/Sao_Paulo
= 551 552 553 554 555 557 : America/Sao_Paulo
= 5561 5562 5563 5564 : America/Sao_Paulo
= 5565 5566 5567 5569 5592 5595 : America/Manaus
= 5568 : America/Rio_Branco
= 5597 : America/Manaus America/Rio_Branco
= 5582 5583 5584 5585 5586 5587 5588 5589 5591 5593 5594 5596 5598 5599 : America/Sao_Paulo
= 5581 : America/Noronha America/Sao_Paulo
# Chile, Ecuador
= 56 569 : America/Coyhaique America/Punta_Arenas America/Santiago Pacific/Easter
= 562 563 564 565 566 567 : America/Santiago
= 5632 : America/Santiago Pacific/Easter
= 5661 : America/Punta_Arenas
= 5667 : America/Coyhaique
= 593 5939 : America/Guayaquil Pacific/Galapagos
= 5932 5933 5934 5936 5937 : America/Guayaquil
= 5935 : America/Guayaquil Pacific/Galapagos
# Mobiles of countries with several zones
+ 346 347 : Atlantic/Canary
! 628 : Asia/Jakarta Asia/Jayapura Asia/Makassar
= 9766 9768 9769 : Asia/Hovd Asia/Ulaanbaatar
# Australia: 04 and 13/18 are all over the mainland; 07 reaches over the border at Tweed Heads; the map has no Darwin
= 61 : Australia/Adelaide Australia/Brisbane Australia/Darwin Australia/Eucla Australia/Lord_Howe Australia/Perth Australia/Sydney
! 611 614 615 : Australia/Adelaide Australia/Brisbane Australia/Darwin Australia/Eucla Australia/Lord_Howe Australia/Perth Australia/Sydney
! 617 : Australia/Brisbane Australia/Sydney
+ 6185 6186 6187 6188 6189 : Australia/Darwin
= 6189162 : Indian/Cocos
= 6189164 : Indian/Christmas
# New Zealand, Papua New Guinea, Réunion and Mayotte
= 64 642 : Pacific/Auckland Pacific/Chatham
= 643 644 646 647 649 : Pacific/Auckland
= 643305 : Pacific/Chatham
= 675 : Pacific/Bougainville Pacific/Port_Moresby
= 262692 262693 : Indian/Reunion
= 262639 : Indian/Mayotte
# Western Sahara, Svalbard, Norfolk Island and the Antarctic stations
= 2125288 2125289 : Africa/El_Aaiun
= 4779 : Arctic/Longyearbyen
= 6721 : Antarctica/Casey Antarctica/Davis Antarctica/Mawson Australia/Hobart
= 6723 : Pacific/Norfolk
`;
