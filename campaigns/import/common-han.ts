/**
 * Characters that names, places and column headings of lists are full of: the common surnames, given names, provinces
 * and cities, and the words of headings, in each of the two scripts. Characters shared by both are in both.
 */
const shared =
  '一二三四五六七八九十大小中上下子女士先生男人口日月年天地山水木火土金石田王李林高何郭梁宋唐于曾彭田董袁潘蒋蔡余杜程姚' +
  '丁魏薛任沈姜范江傅白石崔康毛邱秦史顾侯孟邵万段雷汤尹易常武乔文明志建国家民安平成永春秋冬雪梅玉秀英芳美玲珠月娟琴' +
  '香青雅婷怡君宜思佳欣如真心智雄豪杰伟俊宏信昌昭祥瑞正德仁信和福全光辉新华龙海洋北京市台南西州省区路街道号楼名姓性' +
  '地址公司部客重要高低城手住同意否是不有在的我他她你们了也人来到地方工作行商品服交易日期周分店内外入出前後名称代表';
const simplifiedOnly =
  '张陈刘杨赵黄吴孙马罗郑谢韩冯邓许苏卢叶阎钟谭邹陆孔贾韦龙龚钱严赖贺顾万华伟强军丽红艳敏静涛斌鹏飞辉凯东广闽湾' +
  '电话号码机联系户语备注类别编邮办单状态级龄区别业务经理员销访问时间录节应该这说对没会还开关点两样么为过吗';
const traditionalOnly =
  '張陳劉楊趙黃吳孫馬羅鄭謝韓馮鄧許蘇盧葉閻鍾譚鄒陸賈韋龍龔錢嚴賴賀顧萬華偉強軍麗紅艷靜濤鵬飛輝凱東廣閩灣' +
  '電話號碼機聯絡繫戶語備註類別編郵辦單狀態級齡區業務經理員銷訪問時間錄節應該這說對沒會還開關點兩樣麼為過嗎臺縣鄉鎮廈樓層室';

export const commonSimplified: ReadonlySet<string> = new Set([...shared, ...simplifiedOnly]);
export const commonTraditional: ReadonlySet<string> = new Set([...shared, ...traditionalOnly]);

/** Syllables of Korean names, places and headings. */
export const commonHangul: ReadonlySet<string> = new Set(
  '김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민지현수영은미경진희선혜승재준호상동철기태원종석' +
    '용규광병대환일인연아나다라마바사자카타파가울부산천시군도로길번화름명소회객메휴폰의는을를에',
);
