#include "sim/regressions.h"

namespace dusk::sim {
namespace {

constexpr Regression kRegressions[] = {
    {"a run is taken back from one worker and given to another in one step", R"(
config seed=1796085659286935
task 3 duration=83486
task 4 nbytes=14244826 duration=51104 priority=-1 gpus=2
task 5 duration=85008 inputs=4
task 6 duration=97784 inputs=5
task 13 duration=99389
task 15 duration=89694 inputs=3,4
task 21 nbytes=2613 duration=93205 priority=-1 gpus=2
task 22 duration=7249 inputs=15
task 29 duration=90823
task 31 duration=19019 inputs=22,29
task 32 duration=6569 inputs=29,21
task 36 duration=61940 inputs=6
task 43 duration=70976 inputs=32
task 49 duration=98331 inputs=43
task 80 duration=43778
252 connect 0 0 0
528 connect 2 0 0
611 start 1 2 0
918 start 0 3 2
156422 submit 2 80 0
157941 submit 2 13 0
231128 submit 2 32 1
779161 submit 0 36 0
784176 freeze 0 0 3955377
1167888 submit 0 31 1
1189012 damage 0 3 0
1717720 fill-disk 0 0 1124013
1765358 submit 0 49 0
1887360 replicate 1 22 1
)"},
    {"tasks wait for full workers behind one that these workers cannot run", R"(
config seed=1796083337062233 delay=20000 spike=200000 allowed_failures=0 prefill_max=2 fetches_max=2
task 0 duration=808
task 1 duration=4832 inputs=0
task 3 duration=4989 inputs=1
task 4 nbytes=3822 duration=3745 retries=4
task 5 duration=4951
task 8 duration=474 inputs=5,4,0
task 9 duration=4467 inputs=3
task 11 duration=3033 inputs=5
task 13 nbytes=1629 duration=722 foreign=1
task 16 nbytes=9498649 duration=4047 foreign=1
task 17 duration=1484 inputs=11
task 20 duration=4599
task 21 duration=1557 inputs=17
task 22 duration=4845 inputs=8
task 23 duration=1351 inputs=3
task 25 duration=4874
task 30 duration=2201
task 31 duration=4710 inputs=21,23,20
task 33 duration=3344
13 start 0 3 0
159 connect 0 0 0
863 start 1 1 0
953 connect 1 0 0
76811 submit 1 22 0
84795 freeze 1 0 1251442
146781 pause 0 0 538709
280455 submit 1 16 1
401618 scatter 1 5 1
482609 partition 0 2 902917
1153830 fill-disk 1 0 641719
1183637 retire 0 0 0
1213890 submit 0 25 0
1248157 submit 0 31 0
1268662 submit 0 13 1
1290728 submit 0 20 1
1425388 kill 1 0 89427
1571901 full 0 2 -2489243
1681879 submit 1 9 0
1742297 submit 0 30 1
1791006 scatter 0 33 1
)"},
    {"a copy that is found missing in the step in which its other holder retires is kept", R"(
config seed=1796081990780405
task 0 duration=4538
task 1 duration=795
4 start 6 1 2
104 connect 1 0 0
140 start 0 1 2
172 connect 2 0 0
219 connect 0 0 0
379 start 4 1 0
448 start 3 1 2
710 start 2 2 2
713 start 1 3 2
43403 submit 1 1 0
69410 scatter 1 0 2
117523 partition 0 7 1880194
299634 kill 2 0 94413
387085 submit 0 1 1
653049 submit 0 0 1
1258673 partition 2 5 -964633
1359492 kill 0 0 188291
1972786 retire 0 1 0
)"},
    {"a task that is being rebalanced while its worker goes is forgotten with its move", R"(
config seed=23
task 2 duration=53
task 41 duration=2
148 connect 0 0 0
714 start 0 1 2
323030 cut 3 1 0
1440955 submit 0 41 1
1758672 rebalance 0 2 0
)"},
    {"what a worker brings along and nobody wants is dropped", R"(
config seed=57
task 0 duration=1220
97 connect 1 0 0
189 start 0 3 2
1437577 submit 1 0 0
1563810 cut 0 1 0
)"},
    {"a joined future that goes leaves nothing behind at its pending parts", R"(
config seed=174
task 1 duration=67480
task 9 duration=81501
247 connect 0 0 0
185471 submit 0 9 1
228102 whole 0 1 4
1097439 release 0 9 0
)"},
    {"data that was lost can be sent again while somebody waits for it", R"(
config seed=248
task 2 duration=51210
297 connect 1 0 0
532 connect 0 0 0
596 start 2 2 0
929546 scatter 0 2 2
938865 partition 1 3 -2447236
1681887 scatter 1 2 2
)"},
    {"a worker comes back before its old connection is known to be gone", R"(
config seed=527 delay=20000 allowed_failures=0 inline_max=0 fetch_batch=1000 fetches_max=2
task 0 duration=3910
task 2 duration=451 inputs=0
task 3 duration=3193 inputs=2
task 5 duration=2101
task 8 duration=1673
task 9 duration=3102 inputs=5
task 11 duration=2139 inputs=8
task 15 duration=2859 inputs=9,3,8
task 30 duration=314 inputs=11
task 41 duration=4247 inputs=30
188 connect 0 0 0
310 connect 1 0 0
815 start 1 1 2
213493 submit 1 15 0
327724 cut 1 0 0
338415 start 0 2 2
463868 cut 0 1 0
774075 submit 0 41 0
)"},
    {"a result that cannot be serialised can be tried again", R"(
config seed=1049
task 0 nbytes=4528 duration=3721 priority=1 unsendable=1
381 start 0 2 2
855 connect 2 0 0
371389 submit 2 0 1
975176 retry 2 0 0
)"},
    {"a task that was submitted without its inputs is not run by a retry of another", R"(
config seed=12130 delay=20000 allowed_failures=2 prefill_max=2 inline_max=0 fetches_max=3
task 2 duration=471
task 8 duration=3440
task 12 duration=3723 inputs=2
task 16 duration=3470 inputs=12
670 connect 0 0 0
56493 submit 0 2 1
812088 restart 0 8 0
819000 submit 0 12 0
1260934 submit 0 16 1
1483776 retry 0 16 0
)"},
    {"inputs of a task that fails with its worker stay for what was lost with it", R"(
config seed=1795888071357716 delay=50 allowed_failures=0 prefill_max=2 inline_max=0 fetches_max=2
task 0 duration=35506
task 1 nbytes=3956 duration=89744 inputs=0
task 3 duration=33269 inputs=1
task 4 duration=44780 inputs=3,1
task 5 duration=97894 inputs=1,4
task 7 duration=87718 inputs=5
task 10 nbytes=833 duration=47785 priority=-1 retries=3 kills=3 inputs=4,7
685 start 5 3 2
795 connect 1 0 0
812 start 7 2 0
859 start 0 1 2
985 connect 0 0 0
1239828 submit 0 10 1
1445871 submit 0 1 0
1447693 submit 0 3 1
1540075 rebalance 0 10 0
1628867 submit 1 7 1
)"},
    {"data on a worker that has been told to close is not counted on", R"(
config seed=1795888596340289 delay=50 worker_ttl=2000000 prefill_max=2 inline_max=0 fetches_max=2
task 2 duration=25982
task 17 duration=89972
600 connect 0 0 0
979 start 2 3 2
841063 partition 2 4 1831787
1405096 scatter 0 17 1
1986211 retire 0 2 0
)"},
    {"what one letter lets go of and asks for again stays", R"(
config seed=1795888654528509
task 2 duration=32070
task 3 duration=65964 inputs=2
task 6 duration=652 inputs=3
task 10 nbytes=441 duration=96026 reschedules=2 inputs=2
689 connect 0 0 0
916 start 0 1 0
476136 connect 1 0 0
655112 start 3 3 2
678783 submit 0 10 0
694316 submit 1 2 0
843440 submit 1 6 0
1332484 cancel 0 10 1
1863251 release 1 2 0
1863386 submit 1 10 1
)"},
    {"a run is cancelled when its worker turns out to have a copy of the result", R"(
config seed=1795888781478925 delay=20000 allowed_failures=2 inline_max=0 fetch_batch=1000 fetches_max=3
task 0 duration=44273
task 1 duration=66397
task 2 nbytes=4910 duration=44534 inputs=1
task 3 duration=65563
task 4 nbytes=1143 duration=96964 retries=4
task 5 nbytes=3822 duration=51922 inputs=2,4
task 6 nbytes=945 duration=54088 only=0 inputs=5,4,2,1
task 7 duration=24114 inputs=3
task 8 duration=61368 inputs=6
task 11 duration=18777 inputs=2
task 14 nbytes=4560 duration=15791 retries=2 only=2 others=1 inputs=7,8,2
task 15 duration=75810 inputs=14
task 18 duration=76350
task 23 nbytes=3315 duration=91113 retries=4
50 connect 1 0 0
282 start 4 1 2
440 start 3 1 2
461 connect 0 0 0
666 start 1 3 0
885 start 2 2 2
100038 submit 1 2 0
274416 submit 0 15 0
278590 partition 3 4 573021
429200 kill 1 0 0
527052 cut 4 0 0
549418 submit 0 8 0
551437 submit 0 23 0
813404 leave 1 14 0
871532 rebalance 0 1 0
878665 connect 1 0 0
962580 rebalance 0 14 0
1099898 leave 1 18 0
1199259 connect 1 0 0
1229515 kill 2 0 120321
1327447 submit 0 1 1
1366351 start 0 1 0
1392035 submit 1 0 1
1409542 partition 1 2 2630237
1574334 cut 4 1 0
1715986 pause 0 0 1286116
1873123 kill 2 0 19228
1937125 cut 0 0 0
1959017 submit 1 11 0
)"},
    {"data that is sent again in place of a damaged value stays", R"(
config seed=1796077724355778 delay=50 worker_ttl=2000000 inline_max=0 fetch_batch=1000 fetches_max=3
task 0 duration=678
task 1 nbytes=535 duration=3380 priority=1 only=0 inputs=0
task 2 duration=2192 inputs=0
task 3 duration=1299 inputs=1,2
422 start 1 1 2
601 connect 1 0 0
651 start 2 2 2
699 connect 0 0 0
279431 submit 1 3 1
604641 leave 0 1 0
647190 connect 0 0 0
692818 rebalance 0 3 0
699275 submit 0 3 1
1064975 freeze 1 0 2421032
1374290 damage 2 1 0
1492720 scatter 0 0 2
1634376 submit 0 1 0
1634739 kill 1 0 8515
)"},
};

}  // namespace

std::span<const Regression> regressions() { return kRegressions; }

}  // namespace dusk::sim
